//! Credentials of programs, for administrators.

use http::StatusCode;
use platform::{Role, accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json};
use crate::rest::time::rfc3339;
use crate::rest::users::RoleName;

/// A program to be let in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateServiceKey {
    /// Name of the program.
    name: String,
    /// What it may do.
    roles: Vec<RoleName>,
}

/// A service key without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceKey {
    /// UUID.
    id: String,
    /// Name of the program.
    name: String,
    /// What it may do.
    roles: Vec<RoleName>,
    /// RFC 3339.
    created_at: String,
}

/// A new service key; the secret is shown here and never again.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedServiceKey {
    /// UUID.
    id: String,
    /// Name of the program.
    name: String,
    /// What it may do.
    roles: Vec<RoleName>,
    /// Goes into `Authorization: Bearer …`; begins with `rsk_`.
    key: String,
}

/// All service keys.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceKeys {
    service_keys: Vec<ServiceKey>,
}

/// Lists service keys.
#[utoipa::path(get, path = "/api/service-keys", operation_id = "list_service_keys", tag = "service_keys",
    responses((status = 200, description = "All of them.", body = ServiceKeys)))]
pub(crate) async fn list(Admitted(ctx): Admitted) -> Result<Json<ServiceKeys>, Problem> {
    let service_keys = accounts::list_service_keys(&ctx)
        .await?
        .into_iter()
        .map(ServiceKey::from)
        .collect();
    Ok(Json(ServiceKeys { service_keys }))
}

/// Lets a program in.
#[utoipa::path(post, path = "/api/service-keys", operation_id = "create_service_key", tag = "service_keys",
    request_body = CreateServiceKey,
    responses((status = 201, description = "Created; keep the key.", body = CreatedServiceKey)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreateServiceKey>,
) -> Result<(StatusCode, Json<CreatedServiceKey>), Problem> {
    let roles = body.roles.into_iter().map(Role::from).collect();
    let created = accounts::create_service_key(&ctx, &body.name, roles).await?;
    let key = created.key.reveal().to_owned();
    let ServiceKey { id, name, roles, .. } = created.service_key.into();
    Ok((StatusCode::CREATED, Json(CreatedServiceKey { id, name, roles, key })))
}

/// Shuts a program out at once.
#[utoipa::path(delete, path = "/api/service-keys/{id}", operation_id = "delete_service_key", tag = "service_keys",
    params(("id" = String, Path, description = "Id of the service key.")),
    responses((status = 204, description = "Deleted.")))]
pub(crate) async fn delete(Admitted(ctx): Admitted, Id(id): Id) -> Result<StatusCode, Problem> {
    accounts::delete_service_key(&ctx, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<accounts::ServiceKey> for ServiceKey {
    fn from(key: accounts::ServiceKey) -> Self {
        let roles = key.roles.into_iter().map(RoleName::from).collect();
        Self {
            id: key.id,
            name: key.name,
            roles,
            created_at: rfc3339(key.created_at_ms),
        }
    }
}
