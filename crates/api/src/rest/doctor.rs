//! Whether everything works, for administrators.

use platform::doctor::{self, Check as Found};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Json;
use crate::rest::time::rfc3339;

/// One thing that was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Check {
    /// What, in a few words.
    name: &'static str,
    /// `ok`, `warn` or `fail`.
    status: &'static str,
    /// What was seen.
    detail: String,
    /// What to do about it.
    #[schema(required)]
    fix: Option<String>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Examination {
    checks: Vec<Check>,
    /// RFC 3339.
    #[serde(rename = "checkedAt")]
    checked_at: String,
}

/// Looks at the database, the video provider, files, mail and whatever else this installation stands on; changes nothing.
#[utoipa::path(get, path = "/api/doctor", operation_id = "examine", tag = "health",
    responses((status = 200, description = "Each check with its fix.", body = Examination)))]
pub(crate) async fn examine(Admitted(ctx): Admitted) -> Result<Json<Examination>, Problem> {
    let checks = doctor::examine(&ctx).await?.into_iter().map(Check::from).collect();
    Ok(Json(Examination {
        checks,
        checked_at: rfc3339(ctx.now_ms),
    }))
}

impl From<Found> for Check {
    fn from(found: Found) -> Self {
        Self {
            name: found.name,
            status: found.status.as_str(),
            detail: found.detail,
            fix: found.fix,
        }
    }
}
