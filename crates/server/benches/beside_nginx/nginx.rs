//! nginx with libnginx-mod-rtmp, one worker, HLS with 2 s fragments written to a folder and served from it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};

use anyhow::Context as _;

use crate::process::free_port;

/// A running nginx.
pub struct Nginx {
    child: Child,
    rtmp: u16,
    http: u16,
}

impl Nginx {
    /// Starts it with a configuration and folders of its own.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let (rtmp, http) = (free_port()?, free_port()?);
        let folder = folder.join("nginx");
        std::fs::create_dir_all(folder.join("hls"))?;
        let at = folder.display();
        let configuration = format!(
            "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n\
             daemon off; worker_processes 1; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             rtmp {{ access_log off; server {{ listen 127.0.0.1:{rtmp}; chunk_size 4096; application app {{\n\
               live on; hls on; hls_path {at}/hls; hls_fragment 2s; hls_playlist_length 10s; }} }} }}\n\
             http {{ access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
               fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;\n\
               sendfile on; tcp_nodelay on; server {{ listen 127.0.0.1:{http}; root {at}; }} }}\n"
        );
        std::fs::write(folder.join("nginx.conf"), configuration)?;
        // Workers of a root-started nginx change their user and must still reach the folder.
        Command::new("chmod")
            .args(["-R", "a+rwX"])
            .arg(&folder)
            .arg(folder.parent().unwrap_or(&folder))
            .status()?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-p")
            .arg(&folder)
            .spawn()
            .context("nginx is missing")?;
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", rtmp)).await.is_ok() {
                return Ok(Self { child, rtmp, http });
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!(
            "nginx did not start: {}",
            std::fs::read_to_string(folder.join("error.log")).unwrap_or_default()
        )
    }
}

impl crate::Server for Nginx {
    fn name(&self) -> &'static str {
        "nginx-rtmp"
    }

    fn ingest(&self, index: usize) -> (SocketAddr, String, String) {
        (
            ([127, 0, 0, 1], self.rtmp).into(),
            "app".to_owned(),
            format!("stream{index}"),
        )
    }

    fn playback(&self, index: usize) -> String {
        format!("http://127.0.0.1:{}/hls/stream{index}.m3u8", self.http)
    }

    fn processes(&self) -> Vec<u32> {
        let master = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
        children
            .split_whitespace()
            .filter_map(|text| text.parse().ok())
            .chain([master])
            .collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master take its worker along.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
