//! `rostrum engine` as people run it, with a channel per publisher made through the AWS SDK.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use crate::process::free_port;

const ACCESS_KEY: &str = "AKIABENCH00000000000";
const SECRET_KEY: &str = "bench-secret-access-key";

/// A running engine.
pub struct Rostrum {
    child: Child,
    rtmp: u16,
    /// Stream key and playback URL of each channel.
    channels: Vec<(String, String)>,
}

impl Rostrum {
    /// Starts it on free ports and creates the channels.
    pub async fn start(folder: &Path, channels: usize) -> anyhow::Result<Self> {
        let [http, ivs, rtmp, rtmps] = [free_port()?, free_port()?, free_port()?, free_port()?];
        let mut child = Command::new(env!("CARGO_BIN_EXE_rostrum"))
            .args(["engine", "--dev"])
            .current_dir(folder)
            .env("ROSTRUM_DATA_DIR", folder.join("rostrum"))
            .env("ROSTRUM_HTTP_ADDR", format!("127.0.0.1:{http}"))
            .env("ROSTRUM_IVS_ADDR", format!("127.0.0.1:{ivs}"))
            .env("ROSTRUM_RTMP_ADDR", format!("127.0.0.1:{rtmp}"))
            .env("ROSTRUM_RTMPS_ADDR", format!("127.0.0.1:{rtmps}"))
            .env("ROSTRUM_PUBLIC_URL", format!("http://127.0.0.1:{http}"))
            .env("ROSTRUM_LOG", "warn")
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let is_ready = lines
            .map_while(Result::ok)
            .any(|line| line.contains("AWS_SECRET_ACCESS_KEY"));
        anyhow::ensure!(is_ready, "rostrum engine did not start");
        let config = aws_sdk_ivs::Config::builder()
            .behavior_version_latest()
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(aws_credential_types::Credentials::new(
                ACCESS_KEY, SECRET_KEY, None, None, "bench",
            ))
            .endpoint_url(format!("http://127.0.0.1:{ivs}"))
            .build();
        let client = aws_sdk_ivs::Client::from_conf(config);
        let mut made = Vec::new();
        for index in 0..channels {
            let name = format!("bench-{index}");
            let answer = client.create_channel().name(name).insecure_ingest(true).send().await?;
            let key = answer
                .stream_key()
                .and_then(|key| key.value())
                .context("no key")?
                .to_owned();
            let url = answer
                .channel()
                .and_then(|channel| channel.playback_url())
                .context("no URL")?
                .to_owned();
            made.push((key, url));
        }
        Ok(Self {
            child,
            rtmp,
            channels: made,
        })
    }
}

impl crate::Server for Rostrum {
    fn name(&self) -> &'static str {
        "rostrum"
    }

    fn ingest(&self, index: usize) -> (SocketAddr, String, String) {
        (
            ([127, 0, 0, 1], self.rtmp).into(),
            "app".to_owned(),
            self.channels[index].0.clone(),
        )
    }

    fn playback(&self, index: usize) -> String {
        self.channels[index].1.clone()
    }

    fn processes(&self) -> Vec<u32> {
        vec![self.child.id()]
    }
}

impl Drop for Rostrum {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
