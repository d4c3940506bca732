//! Outgoing mail, for administrators.

use platform::Page;
use platform::mail::{self, Listed, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Json, Query};
use crate::rest::time::rfc3339;

/// One mail, without its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct Mail {
    /// First part of its `Message-ID`.
    id: String,
    /// Address it goes to.
    to: String,
    /// `queued`, `sent`, `failed` or `kept`.
    state: &'static str,
    /// Attempts so far.
    attempts: i64,
    /// Why the last attempt failed, in the mail server's words.
    #[schema(required)]
    last_error: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// When it was delivered or given up, RFC 3339.
    #[schema(required)]
    settled_at: Option<String>,
}

/// A page of mails, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Mails {
    mails: Vec<Mail>,
    /// False when mail goes nowhere: no mail server is configured.
    is_configured: bool,
    total: i64,
    limit: i64,
    offset: i64,
}

/// Which mails.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MailsQuery {
    /// `failed` when absent; or `queued`, `sent`, `kept`.
    state: Option<String>,
    /// Rows at most, 1 to 100; 20 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
}

/// Lists outgoing mails: first of all those that were given up.
#[utoipa::path(get, path = "/api/mails", operation_id = "list_mails", tag = "health", params(MailsQuery),
    responses((status = 200, description = "One page.", body = Mails)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Query(query): Query<MailsQuery>) -> Result<Json<Mails>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let state = match query.state {
        None => State::Failed,
        Some(text) => State::parse(&text)
            .ok_or_else(|| Problem::validation("state", "state must be of failed, queued, sent, kept"))?,
    };
    let (mails, total) = mail::list(&ctx, state, page).await?;
    Ok(Json(Mails {
        mails: mails.into_iter().map(Mail::from).collect(),
        is_configured: mail::is_configured(&ctx.platform),
        total,
        limit: page.limit,
        offset: page.offset,
    }))
}

impl From<Listed> for Mail {
    fn from(mail: Listed) -> Self {
        Self {
            id: mail.id,
            to: mail.to,
            state: mail.state.as_str(),
            attempts: mail.attempts,
            last_error: mail.last_error,
            created_at: rfc3339(mail.created_at_ms),
            settled_at: mail.settled_at_ms.map(rfc3339),
        }
    }
}
