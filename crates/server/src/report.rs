//! What a person reads when the server has started.

use std::fmt::Write as _;
use std::io::Write as _;

use platform::mail::Delivery;

use crate::address;
use crate::application::{Administrator, Application};
use crate::ground::Ground;
use crate::video_tower::VideoTower;

/// Tells that `serve` is ready; with `--dev`, everything needed to try it.
///
/// # Errors
/// Standard output cannot be written.
pub fn ready(
    ground: &Ground,
    tower: Option<&VideoTower>,
    application: &Application,
    administrator: Administrator,
    is_dev: bool,
) -> anyhow::Result<()> {
    let public_url = &ground.public_url;
    tracing::info!(url = %public_url, "ready at {public_url}");
    let mut text = String::new();
    if is_dev {
        let _ = writeln!(text, "\nRostrum is ready.\n");
        let _ = writeln!(text, "  Pages          {}", public_url.join("ui/")?);
    }
    match administrator {
        Administrator::Exists => {}
        Administrator::Made { email, password } => {
            let _ = writeln!(text, "  Administrator  {email}  password  {}", password.expose());
        }
        Administrator::Missing { token } => {
            let link = public_url.join(&format!("ui/setup?token={}", token.reveal()))?;
            let _ = writeln!(
                text,
                "  There is no administrator yet. Open this link once to make one:\n  {link}"
            );
        }
    }
    if is_dev {
        let _ = writeln!(text, "  API            {}", public_url.join("openapi.json")?);
        if matches!(application.platform().config().mail.delivery, Delivery::Kept) {
            let _ = writeln!(text, "  Mail           {}", public_url.join("dev/mail")?);
        }
        if let Some(tower) = tower {
            video(&mut text, ground, tower);
        }
        let _ = writeln!(
            text,
            "\nA picture without an encoder, in a second terminal:\n\n  make demo   (or: rostrum demo auction)\n"
        );
    }
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// Tells that `engine` is ready; with `--dev`, the addresses and keys.
///
/// # Errors
/// Standard output cannot be written.
pub fn engine_ready(ground: &Ground, tower: &VideoTower, is_dev: bool) -> anyhow::Result<()> {
    tracing::info!(ivs = %tower.ivs_addr, "the video engine is ready; its IVS API is at http://{}", tower.ivs_addr);
    if !is_dev {
        return Ok(());
    }
    let mut text = "\nThe video engine is ready.\n\n".to_owned();
    let _ = writeln!(text, "  Playback       {}", ground.public_url.join("api/video/v1/")?);
    video(&mut text, ground, tower);
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn video(text: &mut String, ground: &Ground, tower: &VideoTower) {
    let Ground {
        config,
        secrets,
        public_url,
        ..
    } = ground;
    let host = address::ingest_host(config, public_url);
    let bound = [
        ("RTMP", "rtmp", tower.engine.rtmp_addr()),
        ("RTMPS", "rtmps", tower.engine.rtmps_addr()),
    ];
    for (name, scheme, addr) in bound {
        if let Some(addr) = addr {
            let _ = writeln!(text, "  {name:<14} {scheme}://{host}:{}/app/", addr.port());
        }
    }
    if let Ok(url) = address::chat_url(config, public_url) {
        let _ = writeln!(text, "  Chat           {url}");
    }
    let _ = writeln!(
        text,
        "  IVS API        http://{}\n\nFor the AWS CLI and SDKs:\n",
        tower.ivs_addr
    );
    let exports = [
        ("AWS_ENDPOINT_URL_IVS", format!("http://{}", tower.ivs_addr)),
        ("AWS_ENDPOINT_URL_IVSCHAT", format!("http://{}", tower.ivs_addr)),
        ("AWS_REGION", config.video.region.clone()),
        // boto3 and version 1 of the AWS CLI know only this name.
        ("AWS_DEFAULT_REGION", config.video.region.clone()),
        ("AWS_ACCESS_KEY_ID", secrets.access_key_id.expose().to_owned()),
        ("AWS_SECRET_ACCESS_KEY", secrets.secret_access_key.expose().to_owned()),
    ];
    for (name, value) in exports {
        let _ = writeln!(text, "  export {name}={value}");
    }
}
