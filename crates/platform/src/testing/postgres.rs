//! A PostgreSQL server of the test binary's own, from Debian's package, in a temporary folder, without a TCP port.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// Where Debian installs the server's programs, one folder per major version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// The oldest major version whose SQL the stores may use.
const VERSION_MIN: u32 = 13;

/// Starts a server, says in which folder its socket is, and stops it when standard input ends, which it also does when
/// the tests are killed. `$1` says whether commits are synced to disk.
const SCRIPT: &str = r#"
set -e
dir=$(mktemp -d /tmp/rostrum-postgres.XXXXXX)
trap 'kill -INT $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$dir"' EXIT
"$0/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$0/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=300 -c shared_buffers=128MB \
    -c fsync="$1" -c full_page_writes="$1" >"$dir/log" 2>&1 </dev/null &
pid=$!
until "$0/pg_isready" -q -h "$dir"; do kill -0 $pid || { cat "$dir/log" >&2; exit 1; }; sleep 0.02; done
echo "$dir"
cat >/dev/null
"#;

struct Server {
    socket_folder: String,
    _child: Child,
    /// Closing it stops the server; the operating system does so when this process ends.
    _stdin: Option<ChildStdin>,
}

/// For tests: nothing of it must outlive them, so nothing is synced to disk.
static SERVER: LazyLock<Server> = LazyLock::new(|| start("off"));
/// For measurements of what is on disk when it is answered.
static DURABLE_SERVER: LazyLock<Server> = LazyLock::new(|| start("on"));

/// Creates an empty database and returns its URL.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub(super) async fn create_database(is_durable: bool) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = tokio::task::spawn_blocking(move || if is_durable { &*DURABLE_SERVER } else { &*SERVER })
        .await
        .expect("a PostgreSQL server");
    let name = format!("rostrum_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = |name: &str| format!("postgres://postgres@localhost/{name}?host={}", server.socket_folder);
    let options: sqlx::postgres::PgConnectOptions = url("postgres").parse().expect("a URL");
    let mut connection = options.connect().await.expect("a connection");
    let statement = AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(statement)
        .execute(&mut connection)
        .await
        .expect("a database");
    connection.close().await.expect("a clean end");
    url(&name)
}

#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
#[expect(clippy::panic, reason = "the message says what to install")]
fn start(syncs: &str) -> Server {
    let programs = programs().unwrap_or_else(|| {
        panic!("these tests need PostgreSQL {VERSION_MIN} or newer in {PROGRAMS}: apt-get install postgresql")
    });
    // PostgreSQL refuses to run as root.
    let mut command = Command::new(if is_root() { "runuser" } else { "sh" });
    if is_root() {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    // In its own group, so that an interrupt from the keyboard stops the tests and their end stops the server.
    command
        .arg("-c")
        .arg(SCRIPT)
        .arg(&programs)
        .arg(syncs)
        .current_dir("/")
        .process_group(0);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let stdin = child.stdin.take();
    let stdout = child.stdout.take().expect("its output");
    let mut socket_folder = String::new();
    BufReader::new(stdout)
        .read_line(&mut socket_folder)
        .expect("the folder of the socket");
    assert!(
        !socket_folder.is_empty(),
        "PostgreSQL did not start; see its words above"
    );
    Server {
        socket_folder: socket_folder.trim().to_owned(),
        _child: child,
        _stdin: stdin,
    }
}

/// True when this process runs as root.
pub fn is_root() -> bool {
    let metadata = Path::new("/proc/self").metadata();
    metadata.is_ok_and(|metadata| metadata.uid() == 0)
}

/// Folder of the programs of the newest installed PostgreSQL; `None` when there is none that is new enough.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS)
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()));
    versions
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path.join("bin"))))
        .filter(|(version, programs)| *version >= VERSION_MIN && programs.join("initdb").exists())
        .max()
        .map(|(_, programs)| programs)
}
