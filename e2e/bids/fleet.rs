//! The processes under test, and what is done to them.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::{Instant, sleep};

use crate::web::Client;

/// Generous for a loaded machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Of the administrator that every server makes at its start.
pub const ADMIN: (&str, &str) = ("admin@example.com", "admin of the fire drill");

/// One server process; it can be started again on its folder and ports.
pub struct Process {
    rostrum: PathBuf,
    command: &'static str,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    /// `http://host:port`
    pub base: String,
    child: Option<Child>,
}

/// A port that is free now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Process {
    /// Prepares `rostrum serve` or `rostrum engine` on ports of its own.
    pub fn new(rostrum: &Path, command: &'static str, folder: PathBuf, extra: &[(&str, &str)]) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let http = format!("127.0.0.1:{}", free_port()?);
        let base = format!("http://{http}");
        let mut settings: Vec<(String, String)> = Vec::new();
        let mut set = |name: &str, value: &str| settings.push((name.to_owned(), value.to_owned()));
        set("ROSTRUM_DATA_DIR", &folder.to_string_lossy());
        set("ROSTRUM_HTTP_ADDR", &http);
        set("ROSTRUM_PUBLIC_URL", &base);
        for name in ["ROSTRUM_IVS_ADDR", "ROSTRUM_RTMP_ADDR", "ROSTRUM_RTMPS_ADDR"] {
            set(name, &format!("127.0.0.1:{}", free_port()?));
        }
        set("ROSTRUM_ADMIN_EMAIL", ADMIN.0);
        set("ROSTRUM_ADMIN_PASSWORD", ADMIN.1);
        set("ROSTRUM_AUCTIONS_BIDS_PER_SECOND", "0");
        set("ROSTRUM_LOG", "warn");
        set("AWS_REGION", "us-east-1");
        set("AWS_ACCESS_KEY_ID", "AKIAFIREDRILL0000000");
        set("AWS_SECRET_ACCESS_KEY", "fire-drill-secret-access-key");
        for (name, value) in extra {
            set(name, value);
        }
        Ok(Self {
            rostrum: rostrum.to_owned(),
            command,
            folder,
            settings,
            base,
            child: None,
        })
    }

    /// The value of one of its settings; later ones win.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let mut found = self.settings.iter().rev().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Starts it without waiting.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))?;
        let child = self
            .rostrum_with_settings()
            .args([self.command, "--dev"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", self.rostrum.display()))?;
        self.child = Some(child);
        Ok(())
    }

    fn rostrum_with_settings(&self) -> Command {
        let mut command = Command::new(&self.rostrum);
        let path = "/usr/local/bin:/usr/bin:/bin";
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", path)
            .envs(settings);
        command.stdin(Stdio::null());
        command
    }

    /// Runs another command of the binary with this server's settings; answers its output when it succeeds.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.rostrum_with_settings().args(arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`rostrum {}` failed: {}{}", arguments.join(" "), text, errors.trim())
    }

    /// Ends it as a power cut of the process would.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        if let Some(child) = &self.child {
            let status = Command::new("sh")
                .args(["-c", "kill \"$0\" \"$1\"", name, &child.id().to_string()])
                .status()?;
            anyhow::ensure!(status.success(), "kill {name} failed");
        }
        Ok(())
    }

    /// Waits until it answers.
    pub async fn ready(&mut self, client: &Client) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while client.get(&format!("{}/healthz", self.base), None).await.status() != Some(200) {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().transpose());
            if let Some(status) = ended {
                bail!(
                    "{} ended by itself: {}; see its log in {}",
                    self.command,
                    status?,
                    self.folder.display()
                );
            }
            if Instant::now() > deadline {
                bail!(
                    "{} is not ready; see its log in {}",
                    self.command,
                    self.folder.display()
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Lines of its log that tell of a panic.
    pub fn panics(&self) -> Vec<String> {
        let log = std::fs::read(self.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        log.lines()
            .filter(|line| line.contains("panicked at"))
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing more can be done about a process that cannot be killed.
        let _ = self.kill();
    }
}
