//! Shows: what a host announces and goes on air with.

use http::StatusCode;
use platform::{Page, shows};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Json, Query};
use crate::rest::time::rfc3339;

/// A show to be announced.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateShow {
    /// 1 to 200 characters.
    title: String,
    /// Up to 20,000 characters.
    #[schema(nullable = false)]
    description: Option<String>,
}

/// What a host announces.
#[derive(Serialize, ToSchema)]
pub(crate) struct Show {
    /// UUID.
    id: String,
    title: String,
    #[schema(required)]
    description: Option<String>,
    /// The account it belongs to.
    host_user_id: String,
    /// `scheduled`; more may come.
    status: &'static str,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// A page of shows, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shows {
    shows: Vec<Show>,
    limit: i64,
    offset: i64,
    /// Shows on all pages.
    total: i64,
}

/// Which shows.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowsQuery {
    /// Rows at most, 1 to 100; 20 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
    /// Only the caller's.
    #[serde(default)]
    mine: bool,
}

/// Announces a show. Hosts and administrators may.
#[utoipa::path(post, path = "/api/shows", operation_id = "create_show", tag = "shows", request_body = CreateShow,
    responses((status = 201, description = "The show.", body = Show)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreateShow>,
) -> Result<(StatusCode, Json<Show>), Problem> {
    let new = shows::NewShow {
        title: body.title,
        description: body.description,
    };
    let show = shows::create(&ctx, new).await?;
    Ok((StatusCode::CREATED, Json(show.into())))
}

/// Lists shows.
#[utoipa::path(get, path = "/api/shows", operation_id = "list_shows", tag = "shows", params(ShowsQuery),
    responses((status = 200, description = "One page.", body = Shows)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Query(query): Query<ShowsQuery>) -> Result<Json<Shows>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let list = shows::list(&ctx, query.mine, page).await?;
    Ok(Json(Shows {
        shows: list.shows.into_iter().map(Show::from).collect(),
        limit: list.page.limit,
        offset: list.page.offset,
        total: list.total,
    }))
}

impl From<shows::Show> for Show {
    fn from(show: shows::Show) -> Self {
        Self {
            id: show.id,
            title: show.title,
            description: show.description,
            host_user_id: show.host_user_id,
            status: show.status.as_str(),
            created_at: rfc3339(show.created_at_ms),
            updated_at: rfc3339(show.updated_at_ms),
        }
    }
}
