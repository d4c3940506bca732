//! Commands that ask the running server, signed in by the key in the data folder.

use std::io::{BufRead as _, Write as _};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::client::{Client, text};
use crate::clock;
use crate::config::Config;
use crate::data::DataDir;
use crate::secrets::Secrets;

/// Lists provider resources that nobody owns, and ledger rows that wait for a repair.
///
/// # Errors
/// The server does not run or cannot reach the provider.
pub async fn leaks(config: &Config, is_json: bool) -> anyhow::Result<()> {
    let answer = client(config)?.get("/api/leaks").await?;
    let mut out = std::io::stdout().lock();
    if is_json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?);
    }
    let leaks = answer["leaks"].as_array().context("the answer has no leaks")?;
    if leaks.is_empty() {
        return Ok(writeln!(
            out,
            "Nothing leaks: every channel of this installation has an owner."
        )?);
    }
    for leak in leaks {
        let shown = |member: &str| leak[member].as_str().unwrap_or("-").to_owned();
        writeln!(out, "{}  {}  {}", shown("owner"), shown("arn"), shown("what"))?;
        if let Some(error) = leak["last_error"].as_str() {
            writeln!(out, "  tried {} times; last: {error}", leak["attempts"])?;
        }
    }
    Ok(())
}

/// Replays the history of an auction and says whether it leads to the outcome that is shown.
///
/// # Errors
/// The server does not run, there is no such auction, or its history has a wrong link, which the message names.
pub async fn verify_auction(config: &Config, id: &str, is_json: bool) -> anyhow::Result<()> {
    // The id becomes part of a path; an id of ours consists of these characters.
    anyhow::ensure!(
        id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
        "{id:?} is not an auction's id"
    );
    let answer = client(config)?.get(&format!("/api/auctions/{id}/verification")).await?;
    let mut out = std::io::stdout().lock();
    if is_json {
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    }
    let (entries, hash) = (&answer["entries"], text(&answer, "hash")?);
    let link = &answer["first_wrong_link"];
    anyhow::ensure!(
        answer["is_sound"] == true,
        "auction {id} is not sound: entry {}: {} should be {}, found {}",
        link["seq"],
        text(link, "what")?,
        text(link, "expected")?,
        text(link, "found")?
    );
    if is_json {
        return Ok(());
    }
    let price = match &answer["price"] {
        Value::Null => "nobody has bid".to_owned(),
        price => format!("the price is {price}"),
    };
    let winner = answer["winner_id"].as_str().map_or_else(
        || "there is no winner".to_owned(),
        |winner| format!("account {winner} won"),
    );
    writeln!(out, "Auction {id} is sound: {entries} entries, {price}, {winner}.")?;
    Ok(writeln!(out, "Hash of the last entry: {hash}")?)
}

/// Makes an administrator; the password is the first line of standard input.
///
/// # Errors
/// The server does not run, or refuses the e-mail address or the password.
pub async fn add_admin(config: &Config, email: &str) -> anyhow::Result<()> {
    writeln!(std::io::stderr(), "Password for {email}:")?;
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let account = json!({
        "email": email,
        "password": password.trim_end_matches(['\r', '\n']),
        "name": email.split('@').next().unwrap_or(email),
        "roles": ["admin"],
    });
    let answer: Value = client(config)?.post("/api/users", &account).await?;
    Ok(writeln!(
        std::io::stdout(),
        "{} is an administrator.",
        text(&answer, "email")?
    )?)
}

/// File in the data folder that tells where the running server lets its operator in.
pub const DOOR: &str = "operator-address";

/// A client of the server that runs on this data folder, signed in as its operator.
///
/// # Errors
/// No server has run on the folder, or the folder cannot be read.
pub fn client(config: &Config) -> anyhow::Result<Client> {
    let data = DataDir::open(&config.server.data_dir)?;
    let key = platform::config::SecretKey::new(Secrets::open(config, &data)?.key);
    let folder = data.path().display();
    let address = std::fs::read_to_string(data.file(DOOR)).with_context(|| {
        format!("no `rostrum serve` has run on {folder}: set server.data_dir to the folder it uses")
    })?;
    let mut client = Client::new(
        address
            .trim()
            .parse()
            .context("the data folder's operator-address is no address")?,
    );
    client.sign_in(
        platform::accounts::operator_token(&key, clock::now_ms())?
            .reveal()
            .to_owned(),
    );
    Ok(client)
}
