//! People, for administrators.

use http::StatusCode;
use platform::{Page, Role, Secret, accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, Query};

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    /// UUID.
    id: String,
    /// E-mail address.
    email: String,
    /// Display name.
    name: String,
    /// What the person may do.
    roles: Vec<RoleName>,
}

/// `admin` runs the installation, `host` goes on air, `member` takes part.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Role)]
pub(crate) enum RoleName {
    Admin,
    Host,
    Member,
}

/// A person to be added by an administrator.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateUser {
    /// E-mail address, the name one signs in with.
    email: String,
    /// At least 8 characters.
    password: String,
    /// Display name.
    name: String,
    /// What the person may do.
    roles: Vec<RoleName>,
}

/// A page of people, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Users {
    users: Vec<User>,
    limit: i64,
    offset: i64,
}

/// Which page of a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Rows at most, 1 to 100; 20 when absent.
    pub(crate) limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    pub(crate) offset: Option<i64>,
}

/// Which people.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsersQuery {
    /// Only those with all of these words in their name or e-mail address: up to 100 characters, 5 words.
    q: Option<String>,
    /// Rows at most, 1 to 100; 20 when absent.
    limit: Option<i64>,
    /// Rows to skip; 0 when absent.
    offset: Option<i64>,
}

/// What a person may do from now on.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetRoles {
    /// At least one.
    roles: Vec<RoleName>,
}

/// Lists people.
#[utoipa::path(get, path = "/api/users", operation_id = "list_users", tag = "users", params(UsersQuery),
    responses((status = 200, description = "One page.", body = Users)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Query(query): Query<UsersQuery>) -> Result<Json<Users>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let users = accounts::find_accounts(&ctx, query.q.as_deref().unwrap_or_default(), page)
        .await?
        .into_iter()
        .map(User::from)
        .collect();
    Ok(Json(Users {
        users,
        limit: page.limit,
        offset: page.offset,
    }))
}

/// Adds a person.
#[utoipa::path(post, path = "/api/users", operation_id = "create_user", tag = "users", request_body = CreateUser,
    responses((status = 201, description = "Added.", body = User)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Json(body): Json<CreateUser>,
) -> Result<(StatusCode, Json<User>), Problem> {
    let roles = body.roles.into_iter().map(Role::from).collect();
    let account = accounts::NewAccount {
        email: body.email,
        password: Secret::new(body.password),
        name: body.name,
    };
    let input = accounts::NewUser { account, roles };
    Ok((
        StatusCode::CREATED,
        Json(accounts::create_account(&ctx, input).await?.into()),
    ))
}

/// Changes what a person may do; it counts within seconds.
#[utoipa::path(post, path = "/api/users/{id}/roles", operation_id = "set_user_roles", tag = "users",
    params(("id" = String, Path, description = "Id of the person.")), request_body = SetRoles,
    responses((status = 200, description = "Changed, or so already.", body = User),
        (status = 409, description = "The last administrator would lose the role, or the identity provider decides the roles.")))]
pub(crate) async fn set_roles(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<SetRoles>,
) -> Result<Json<User>, Problem> {
    let roles = body.roles.into_iter().map(Role::from).collect();
    Ok(Json(accounts::set_roles(&ctx, &id, roles).await?.into()))
}

impl From<accounts::Account> for User {
    fn from(account: accounts::Account) -> Self {
        let roles = account.roles.into_iter().map(RoleName::from).collect();
        Self {
            id: account.id,
            email: account.email,
            name: account.name,
            roles,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Host => Self::Host,
            Role::Member => Self::Member,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Host => Self::Host,
            RoleName::Member => Self::Member,
        }
    }
}
