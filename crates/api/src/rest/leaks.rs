//! Provider resources that nobody owns, for administrators.

use platform::video;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Json;

/// Something at the provider that costs money or quota and has no owner, or an owner that lost its resource.
#[derive(Serialize, ToSchema)]
pub(crate) struct Leak {
    /// Ledger row, when there is one.
    #[schema(required)]
    resource_id: Option<String>,
    /// Whose it was, such as `auction:{id}`.
    owner: String,
    /// Provider's name, when known.
    #[schema(required)]
    arn: Option<String>,
    /// What is wrong and what happens next, as a sentence.
    what: String,
    /// Failed attempts to delete it.
    attempts: i64,
    /// Why the last attempt failed.
    #[schema(required)]
    last_error: Option<String>,
}

/// Everything that leaks now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Leaks {
    leaks: Vec<Leak>,
}

/// Compares the ledger with the provider; changes nothing.
#[utoipa::path(get, path = "/api/leaks", operation_id = "list_leaks", tag = "health",
    responses((status = 200, description = "What the janitor would repair.", body = Leaks)))]
pub(crate) async fn list(Admitted(ctx): Admitted) -> Result<Json<Leaks>, Problem> {
    let leaks = video::leaks(&ctx).await?.into_iter().map(Leak::from).collect();
    Ok(Json(Leaks { leaks }))
}

impl From<video::Leak> for Leak {
    fn from(leak: video::Leak) -> Self {
        let video::Leak {
            resource_id,
            owner,
            arn,
            what,
            attempts,
            last_error,
        } = leak;
        Self {
            resource_id,
            owner,
            arn,
            what,
            attempts,
            last_error,
        }
    }
}
