//! Programmes: what groups show. Their members are spelt as players of this kind have long known them.

use http::StatusCode;
use platform::Page;
use platform::groups::programs::{self, About, Changes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Ids, Json, Query};
use crate::rest::groups::present;
use crate::rest::time::rfc3339;
use crate::rest::users::PageQuery;

/// Something to be shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct Program {
    /// UUID.
    #[serde(rename = "programId")]
    program_id: String,
    /// Id of the account whose it is.
    #[serde(rename = "ownerId")]
    owner_id: String,
    /// The group it is in; null for none.
    #[serde(rename = "groupId")]
    #[schema(required)]
    group_id: Option<String>,
    /// Its place there, from 0.
    position: i64,
    title: String,
    #[schema(required)]
    description: Option<String>,
    /// `Video HLS`, unless another kind was named.
    broadcast_type: String,
    /// Address of what is shown.
    #[schema(required)]
    program_url: Option<String>,
    /// Address of a picture.
    #[schema(required)]
    program_image: Option<String>,
    /// For those who pay.
    premium: bool,
    /// Seconds.
    #[schema(required)]
    duration: Option<i64>,
    tags: Vec<String>,
    #[serde(rename = "sourceType")]
    #[schema(required)]
    source_type: Option<String>,
    #[serde(rename = "s3Key")]
    #[schema(required)]
    s3_key: Option<String>,
    /// RFC 3339.
    created_date: String,
    /// RFC 3339.
    updated_date: String,
}

/// A programme to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewProgram {
    /// 1 to 200 characters.
    title: String,
    /// Up to 2000 characters.
    description: Option<String>,
    /// The group, where it comes last; none when absent.
    #[serde(rename = "groupId")]
    group_id: Option<String>,
    /// Up to 100 characters; `Video HLS` when absent.
    broadcast_type: Option<String>,
    /// An http(s) address.
    program_url: Option<String>,
    /// An http(s) address.
    program_image: Option<String>,
    #[serde(default)]
    #[schema(required = false)]
    premium: bool,
    /// Seconds, up to a week.
    duration: Option<i64>,
    /// Up to 20 words of up to 50 characters.
    #[serde(default)]
    #[schema(required = false)]
    tags: Vec<String>,
    /// Up to 100 characters.
    #[serde(rename = "sourceType")]
    source_type: Option<String>,
    /// Up to 1024 characters.
    #[serde(rename = "s3Key")]
    s3_key: Option<String>,
}

/// What shall be different of a programme; what is absent stays, what is null goes away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProgramChanges {
    /// 1 to 200 characters.
    #[schema(nullable = false)]
    title: Option<String>,
    /// Up to 2000 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Another group, where it comes last; null for none.
    #[serde(rename = "groupId", default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    group_id: Option<Option<String>>,
    /// Up to 100 characters; null for `Video HLS`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    broadcast_type: Option<Option<String>>,
    /// An http(s) address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    program_url: Option<Option<String>>,
    /// An http(s) address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    program_image: Option<Option<String>>,
    #[schema(nullable = false)]
    premium: Option<bool>,
    /// Seconds, up to a week.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    duration: Option<Option<i64>>,
    /// All of them.
    #[schema(nullable = false)]
    tags: Option<Vec<String>>,
    /// Up to 100 characters.
    #[serde(rename = "sourceType", default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    source_type: Option<Option<String>>,
    /// Up to 1024 characters.
    #[serde(rename = "s3Key", default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    s3_key: Option<Option<String>>,
}

/// The order that a group's programmes shall have.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OrderPrograms {
    /// Every programme of the group once.
    ids: Vec<String>,
}

/// One programme.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneProgram {
    program: Program,
}

/// A programme was changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgramAnswer {
    message: &'static str,
    program: Program,
}

/// All programmes of a group, in its order.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupPrograms {
    programs: Vec<Program>,
    count: usize,
}

/// A page of a user's programmes, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Programs {
    programs: Vec<Program>,
    /// How many there are in all.
    total: i64,
    limit: i64,
    offset: i64,
}

/// A programme is gone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramDeleted {
    message: &'static str,
    program_id: String,
}

/// Lists the programmes of a group, in its order.
#[utoipa::path(get, path = "/users/{user_id}/groups/{group_id}/programs", operation_id = "list_group_programs",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    responses((status = 200, description = "All of them, 200 at most.", body = GroupPrograms)))]
pub(crate) async fn of_group(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
) -> Result<Json<GroupPrograms>, Problem> {
    Ok(Json(programs::of_group(&ctx, &user_id, &group_id).await?.into()))
}

/// Puts the programmes of a group into another order.
#[utoipa::path(post, path = "/users/{user_id}/groups/{group_id}/programs/order", operation_id = "order_group_programs",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    request_body = OrderPrograms,
    responses((status = 200, description = "The programmes in their new order.", body = GroupPrograms)))]
pub(crate) async fn order(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
    Json(body): Json<OrderPrograms>,
) -> Result<Json<GroupPrograms>, Problem> {
    Ok(Json(
        programs::reorder(&ctx, &user_id, &group_id, &body.ids).await?.into(),
    ))
}

/// Lists the programmes of a user, newest first.
#[utoipa::path(get, path = "/users/{user_id}/programs", operation_id = "list_programs", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."), PageQuery),
    responses((status = 200, description = "One page.", body = Programs)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Id(user_id): Id,
    Query(query): Query<PageQuery>,
) -> Result<Json<Programs>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    Ok(Json(programs::list(&ctx, &user_id, page).await?.into()))
}

/// Adds a programme.
#[utoipa::path(post, path = "/users/{user_id}/programs", operation_id = "create_program", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any.")),
    request_body = NewProgram,
    responses((status = 201, description = "Added.", body = ProgramAnswer)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Id(user_id): Id,
    Json(mut body): Json<NewProgram>,
) -> Result<(StatusCode, Json<ProgramAnswer>), Problem> {
    let group_id = body.group_id.take();
    let program = programs::create(&ctx, &user_id, group_id.as_deref(), body.into())
        .await?
        .into();
    let message = "Program created successfully";
    Ok((StatusCode::CREATED, Json(ProgramAnswer { message, program })))
}

/// Shows a programme.
#[utoipa::path(get, path = "/users/{user_id}/programs/{program_id}", operation_id = "get_program", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("program_id" = String, Path, description = "Id of the programme.")),
    responses((status = 200, description = "The programme.", body = OneProgram)))]
pub(crate) async fn show(Admitted(ctx): Admitted, Ids(user_id, program_id): Ids) -> Result<Json<OneProgram>, Problem> {
    let program = programs::get(&ctx, &user_id, &program_id).await?.into();
    Ok(Json(OneProgram { program }))
}

/// Changes a programme: the members that are sent, and no others.
#[utoipa::path(patch, path = "/users/{user_id}/programs/{program_id}", operation_id = "edit_program", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("program_id" = String, Path, description = "Id of the programme.")),
    request_body = ProgramChanges,
    responses((status = 200, description = "As it is now.", body = ProgramAnswer)))]
pub(crate) async fn edit(
    Admitted(ctx): Admitted,
    Ids(user_id, program_id): Ids,
    Json(body): Json<ProgramChanges>,
) -> Result<Json<ProgramAnswer>, Problem> {
    let program = programs::edit(&ctx, &user_id, &program_id, body.into()).await?.into();
    let message = "Program updated successfully";
    Ok(Json(ProgramAnswer { message, program }))
}

/// Removes a programme.
#[utoipa::path(delete, path = "/users/{user_id}/programs/{program_id}", operation_id = "delete_program", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("program_id" = String, Path, description = "Id of the programme.")),
    responses((status = 200, description = "Removed.", body = ProgramDeleted)))]
pub(crate) async fn delete(
    Admitted(ctx): Admitted,
    Ids(user_id, program_id): Ids,
) -> Result<Json<ProgramDeleted>, Problem> {
    programs::remove(&ctx, &user_id, &program_id).await?;
    let message = "Program deleted successfully";
    Ok(Json(ProgramDeleted { message, program_id }))
}

impl From<programs::Program> for Program {
    fn from(program: programs::Program) -> Self {
        let about = program.about;
        Self {
            program_id: program.id,
            owner_id: program.owner_id,
            group_id: program.group_id,
            position: program.position,
            title: about.title,
            description: about.description,
            broadcast_type: about.broadcast_type,
            program_url: about.program_url,
            program_image: about.program_image,
            premium: about.is_premium,
            duration: about.duration_s,
            tags: about.tags,
            source_type: about.source_type,
            s3_key: about.s3_key,
            created_date: rfc3339(program.created_at_ms),
            updated_date: rfc3339(program.updated_at_ms),
        }
    }
}

impl From<Vec<programs::Program>> for GroupPrograms {
    fn from(programs: Vec<programs::Program>) -> Self {
        let programs: Vec<Program> = programs.into_iter().map(Program::from).collect();
        let count = programs.len();
        Self { programs, count }
    }
}

impl From<programs::List> for Programs {
    fn from(list: programs::List) -> Self {
        Self {
            programs: list.programs.into_iter().map(Program::from).collect(),
            total: list.total,
            limit: list.page.limit,
            offset: list.page.offset,
        }
    }
}

impl From<NewProgram> for About {
    fn from(new: NewProgram) -> Self {
        Self {
            title: new.title,
            description: new.description,
            broadcast_type: new.broadcast_type.unwrap_or_default(),
            program_url: new.program_url,
            program_image: new.program_image,
            is_premium: new.premium,
            duration_s: new.duration,
            tags: new.tags,
            source_type: new.source_type,
            s3_key: new.s3_key,
        }
    }
}

impl From<ProgramChanges> for Changes {
    fn from(changes: ProgramChanges) -> Self {
        Self {
            title: changes.title,
            description: changes.description,
            group_id: changes.group_id,
            broadcast_type: changes.broadcast_type.map(Option::unwrap_or_default),
            program_url: changes.program_url,
            program_image: changes.program_image,
            is_premium: changes.premium,
            duration_s: changes.duration,
            tags: changes.tags,
            source_type: changes.source_type,
            s3_key: changes.s3_key,
        }
    }
}
