//! `rostrum demo channel`: a host who goes live on a persistent channel.

use serde_json::{Value, json};
use url::Url;

use super::{picture, println};
use crate::cli::DemoChannel;
use crate::client::{Client, text};
use crate::commands::operator;
use crate::config::Config;
use crate::{address, clock, shutdown};

/// Takes or makes a channel, gives it to a new host, goes live as that host until ffmpeg ends or the process is told to
/// stop, and gives the channel back. The channel stays, with its playback URL and its statistics.
///
/// # Errors
/// The server does not run on this data folder or refuses, or ffmpeg cannot run.
pub async fn run(config: &Config, demo: DemoChannel) -> anyhow::Result<()> {
    let admin = operator::client(config)?;
    let channel = channel(&admin, &demo.name).await?;
    let id = text(&channel, "channelId")?;
    let (host, host_id) = host(&admin).await?;
    let assign = format!("/admin/channels/{id}/assign");
    admin.post(&assign, &json!({ "hostUserId": host_id })).await?;
    let public = address::public_url(config, config.http.addr)?;
    let page = public.join(&format!("/ui/watch/{id}"))?;
    let shown = show(&host, &host_id, &channel, &page).await;
    // Also when the show failed: the next one finds the channel free.
    admin.delete(&format!("{assign}/{host_id}")).await?;
    shown?;
    let stats = admin.get(&format!("/admin/channels/{id}/stats")).await?;
    println(&format!(
        "The channel is free again: {} broadcasts, {} minutes in all.",
        stats["totalBroadcasts"], stats["totalStreamingMinutes"]
    ))
}

/// The channel of that name, new where there is none.
async fn channel(admin: &Client, name: &str) -> anyhow::Result<Value> {
    let known = admin.get("/admin/channels?limit=100").await?;
    let is_named = |channel: &&Value| channel["channelName"] == name && channel["state"] == "IDLE";
    if let Some(channel) = known["channels"].as_array().and_then(|all| all.iter().find(is_named)) {
        return Ok(channel.clone());
    }
    let new = json!({ "name": name, "recordingEnabled": false });
    Ok(admin.post("/admin/channels", &new).await?["channel"].take())
}

/// A new host, signed in, and the id of its account.
async fn host(admin: &Client) -> anyhow::Result<(Client, String)> {
    let (email, password) = (
        format!("demo-{}@example.com", clock::random_hex::<6>()),
        clock::random_hex::<16>(),
    );
    let account = json!({ "email": email, "password": password, "name": "Demo host", "roles": ["host"] });
    let created = admin.post("/api/users", &account).await?;
    let mut client = Client::new(admin.base().clone());
    let signed_in = client
        .post("/api/auth/login", &json!({ "email": email, "password": password }))
        .await?;
    client.sign_in(text(&signed_in, "access_token")?.to_owned());
    Ok((client, text(&created, "id")?.to_owned()))
}

/// One session on the channel, from its start to its end.
async fn show(host: &Client, host_id: &str, channel: &Value, page: &Url) -> anyhow::Result<()> {
    let show = host.post("/api/shows", &json!({ "title": "Demo show" })).await?;
    let started = host.post("/sessions", &json!({ "showId": show["id"] })).await?;
    let session = text(&started["session"], "sessionId")?;
    let reveal = format!("/hosts/{host_id}/channel/stream-key/reveal");
    let key = host.post(&reveal, &json!({})).await?;
    let server = text(&key["servers"], "rtmp").or_else(|_| text(&key["servers"], "rtmps"))?;
    let mut ffmpeg = picture::publish(&format!("{server}{}", text(&key, "streamKey")?))?;
    println(&format!(
        "On air. Watch at\n\n  {}\n\nor open the playback URL, which never changes, in any HLS player:\n\n  {}\n\n\
         Ctrl-C ends the show.",
        page,
        text(channel, "playbackUrl")?,
    ))?;
    let ended = tokio::select! {
        status = ffmpeg.wait() => format!("ffmpeg stopped ({})", status?),
        stop = shutdown::requested() => stop.map(|()| "ending the show".to_owned())?,
    };
    println(&ended)?;
    host.delete(&format!("/sessions/{session}?stop=true")).await?;
    Ok(())
}
