//! Who hears of a request, and of what became of it.

use serde_json::json;

use super::letters::{self, Words};
use super::{Request, Status};
use crate::db::Tx;
use crate::groups::store::{self, Person};
use crate::notifications::{self, NewNotification};
use crate::{Context, Error, mail};

/// Tells every admin but who asked.
pub(super) async fn submitted(ctx: &Context, tx: &mut Tx, request: &Request) -> Result<(), Error> {
    publish(tx, request)?;
    let mut mails = Vec::new();
    for admin in store::admins(tx.conn()).await? {
        if admin.id != request.requested_by {
            mails.push(tell(ctx, tx, request, &admin, letters::to_admin(request)).await?);
        }
    }
    mail::send_all(tx, mails).await
}

/// Takes back what admins were told.
pub(super) async fn withdrawn(tx: &mut Tx, request: &Request) -> Result<(), Error> {
    publish(tx, request)?;
    retract(tx, request).await
}

/// Tells the owner of a channel.
pub(super) async fn approved(ctx: &Context, tx: &mut Tx, request: &Request, playback_url: &str) -> Result<(), Error> {
    decided(ctx, tx, request, letters::approved(request, playback_url)).await
}

/// Tells the owner why there is none.
pub(super) async fn rejected(ctx: &Context, tx: &mut Tx, request: &Request) -> Result<(), Error> {
    decided(ctx, tx, request, letters::rejected(request)).await
}

async fn decided(ctx: &Context, tx: &mut Tx, request: &Request, words: Words) -> Result<(), Error> {
    publish(tx, request)?;
    retract(tx, request).await?;
    let owner = Person {
        id: request.owner_id.clone(),
        name: request.owner_name.clone(),
        email: request.owner_email.clone(),
    };
    let message = tell(ctx, tx, request, &owner, words).await?;
    mail::send_all(tx, vec![message]).await
}

/// Tells the admin whose approval was cut short by a crash that it could not be finished.
pub(super) async fn not_approved(tx: &mut Tx, request: &Request, admin_id: &str, why: &str) -> Result<(), Error> {
    let words = letters::not_approved(request, why);
    let notice = notice(admin_id, format!("channel_request:{}:failed", request.id), &words);
    notifications::notify_again(tx, notice).await.map(drop)
}

/// One notice, and the mail that goes with it.
async fn tell(
    ctx: &Context,
    tx: &mut Tx,
    request: &Request,
    person: &Person,
    words: Words,
) -> Result<mail::Message, Error> {
    let key = format!("{}:{}", subject_key(request), request.status.as_str().to_lowercase());
    notifications::notify(tx, notice(&person.id, key.clone(), &words)).await?;
    let public_url = ctx.platform.config().public_url.as_str().trim_end_matches('/');
    let letter = words
        .letter
        .button(words.button, format!("{public_url}{}", words.path))
        .small(format!(
            "You get this message because you have an account at {public_url}."
        ));
    Ok(mail::Message {
        to: person.email.clone(),
        subject: words.subject,
        text: letter.text(),
        html: letter.html(),
        key: format!("{key}:{}", person.id),
    })
}

fn notice(account_id: &str, subject_key: String, words: &Words) -> NewNotification {
    NewNotification {
        account_id: account_id.to_owned(),
        kind: words.kind,
        subject_key,
        title: words.subject.clone(),
        text: words.summary.clone(),
        href: words.path.clone(),
    }
}

fn subject_key(request: &Request) -> String {
    format!("channel_request:{}", request.id)
}

/// There is nothing left for admins to decide.
async fn retract(tx: &mut Tx, request: &Request) -> Result<(), Error> {
    let key = format!("{}:{}", subject_key(request), Status::Pending.as_str().to_lowercase());
    for admin in store::admins(tx.conn()).await? {
        notifications::retract(tx, &admin.id, &key).await?;
    }
    Ok(())
}

/// Open pages of admins and of the owner hear of it.
fn publish(tx: &mut Tx, request: &Request) -> Result<(), Error> {
    let now_ms = tx.now_ms();
    let payload = json!({
        "requestId": request.id,
        "groupId": request.group_id,
        "status": request.status.as_str(),
        "channelId": request.channel_id,
        "server_time": jiff::Timestamp::from_millisecond(now_ms).map_err(Error::internal)?.to_string(),
        "server_time_ms": now_ms,
    });
    tx.publish("channels", "channel_request_update", &payload)?;
    tx.publish(
        &notifications::topic(&request.owner_id),
        "channel_request_update",
        &payload,
    )
}
