//! A PostgreSQL server of the run's own that can be killed and started again.

use std::io::{BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use platform::testing::{is_root, postgres_programs};

/// Starts a server and says in which folder its socket is. At each line it kills the server as a crash would and starts
/// it again on what it had written. It stops when standard input ends, also when the run is killed. Only processes die
/// here, never the machine: what the kernel holds is safe, so nothing is synced.
const SCRIPT: &str = r#"
set -e
dir=$(mktemp -d /tmp/rostrum-postgres.XXXXXX)
trap 'kill -INT $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$dir"' EXIT
"$0/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
start() {
  "$0/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=100 -c shared_buffers=64MB -c fsync=off \
      >>"$dir/log" 2>&1 </dev/null &
  pid=$!
  until "$0/pg_isready" -q -h "$dir"; do kill -0 $pid || { cat "$dir/log" >&2; exit 1; }; sleep 0.02; done
}
start
echo "$dir"
while read -r line; do
  kill -QUIT $pid
  wait $pid || true
  start
  echo up
done
"#;

/// The running server.
pub struct Postgres {
    /// For `ROSTRUM_DATABASE_URL`.
    pub url: String,
    _child: Child,
    /// Closing it stops the server.
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Postgres {
    /// Starts one in a temporary folder, without a TCP port.
    pub fn start() -> anyhow::Result<Self> {
        let programs = postgres_programs().context("no PostgreSQL 13 or newer: apt-get install postgresql")?;
        // PostgreSQL refuses to run as root.
        let mut command = Command::new(if is_root() { "runuser" } else { "sh" });
        if is_root() {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        command
            .arg("-c")
            .arg(SCRIPT)
            .arg(programs)
            .current_dir("/")
            .process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().context("its input")?;
        let mut stdout = BufReader::new(child.stdout.take().context("its output")?);
        let folder = line(&mut stdout)?;
        Ok(Self {
            url: format!("postgres://postgres@localhost/postgres?host={folder}"),
            _child: child,
            stdin,
            stdout,
        })
    }

    /// Kills every process of the server at once and starts it again; comes back when it answers.
    pub fn crash(&mut self) -> anyhow::Result<()> {
        self.stdin.write_all(b"crash\n")?;
        line(&mut self.stdout)?;
        Ok(())
    }
}

fn line(from: &mut impl std::io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    ensure!(!line.is_empty(), "PostgreSQL did not start; see its words above");
    Ok(line.trim().to_owned())
}
