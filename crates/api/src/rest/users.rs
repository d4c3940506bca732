//! People, for administrators.

use http::StatusCode;
use platform::{Page, Role, Secret, accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Json, Query};

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

/// Lists people.
#[utoipa::path(get, path = "/api/users", operation_id = "list_users", tag = "users", params(PageQuery),
    responses((status = 200, description = "One page.", body = Users)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Query(query): Query<PageQuery>) -> Result<Json<Users>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    let users = accounts::list_accounts(&ctx, page)
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
