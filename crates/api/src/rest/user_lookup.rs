//! Finding a person by e-mail address, for administrators.

use platform::accounts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Json, Query};
use crate::rest::time::rfc3339;

/// Whom to look for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookupQuery {
    /// The address, in whatever case.
    email: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundUser {
    user_id: String,
    /// The same as `userId`, under the name that tokens have for it.
    sub: String,
    email: String,
    /// Whether the mailbox was proven when the account was made: by a code, or by an outside issuer.
    email_verified: bool,
    name: String,
    /// `CONFIRMED`, or `ARCHIVED` for a closed account.
    user_status: &'static str,
    /// False for a closed account.
    enabled: bool,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339; nothing newer than the creation is kept.
    updated_at: String,
}

/// Finds a person by e-mail address.
#[utoipa::path(get, path = "/admin/users/lookup", operation_id = "lookup_user", tag = "users", params(LookupQuery),
    responses((status = 200, description = "The person.", body = FoundUser)))]
pub(crate) async fn lookup(
    Admitted(ctx): Admitted,
    Query(query): Query<LookupQuery>,
) -> Result<Json<FoundUser>, Problem> {
    let email = query.email.unwrap_or_default();
    Ok(Json(accounts::find_by_email(&ctx, &email).await?.into()))
}

impl From<accounts::Found> for FoundUser {
    fn from(found: accounts::Found) -> Self {
        let created_at = rfc3339(found.account.created_at_ms);
        Self {
            user_id: found.account.id.clone(),
            sub: found.account.id,
            email: found.account.email,
            email_verified: found.is_email_verified,
            name: found.account.name,
            user_status: if found.is_open { "CONFIRMED" } else { "ARCHIVED" },
            enabled: found.is_open,
            updated_at: created_at.clone(),
            created_at,
        }
    }
}
