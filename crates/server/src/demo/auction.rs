//! `rostrum demo auction`: a seller with a moving picture.

use serde_json::json;

use super::{picture, println};
use crate::cli::DemoAuction;
use crate::client::{Client, text};
use crate::{clock, shutdown};

/// Creates an auction, streams to it until it ends or the process is told to stop, and closes it.
///
/// # Errors
/// The server refuses, or ffmpeg cannot run.
pub async fn run(demo: DemoAuction) -> anyhow::Result<()> {
    let mut client = Client::new(demo.url.clone());
    let account = json!({
        "email": format!("demo-{}@example.com", clock::random_hex::<6>()),
        "password": clock::random_hex::<16>(),
        "name": "Demo seller",
    });
    let signed_in = client.post("/api/auth/register", &account).await?;
    client.sign_in(text(&signed_in, "access_token")?.to_owned());
    let listing = json!({
        "title": demo.title,
        "description": "A synthetic host made by “rostrum demo auction”: a test picture and a beep each second.",
        "category": "collectibles",
        "condition": "new",
        "starting_bid": 100,
        "duration": demo.duration,
    });
    let auction = client.post("/api/auctions", &listing).await?;
    let id = text(&auction, "auction_id")?;
    let ingest = text(&auction, "rtmp_url").or_else(|_| text(&auction, "rtmps_url"))?;
    let mut ffmpeg = picture::publish(ingest)?;
    println(&format!(
        "On air. Watch at\n\n  {}\n\nor open the playback URL in any HLS player:\n\n  {}\n\nCtrl-C ends the auction.",
        demo.url.join(&format!("/ui/auctions/{id}"))?,
        text(&auction, "ivs_playback_url")?,
    ))?;
    let ended = tokio::select! {
        status = ffmpeg.wait() => format!("ffmpeg stopped ({})", status?),
        stop = shutdown::requested() => stop.map(|()| "closing".to_owned())?,
    };
    println(&ended)?;
    // Closed by its own deadline in the meantime is just as well.
    match client.post(&format!("/api/auctions/{id}/close"), &json!({})).await {
        Ok(_) => println("The auction is closed and its channel is gone."),
        Err(error) => println(&format!("The auction was closed already: {error:#}")),
    }
}
