//! Groups of programmes: what a programme manager plans together.

use http::StatusCode;
use platform::groups::{self, About, Changes};
use platform::pictures::BYTES_MAX;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::body::Raw;
use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Ids, Json};
use crate::rest::channel_requests::ChannelRequest;
use crate::rest::time::rfc3339;

/// Programmes that are planned together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    /// UUID.
    group_id: String,
    /// Id of the account whose it is.
    owner_id: String,
    name: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(required)]
    category: Option<String>,
    visibility: Visibility,
    tags: Vec<String>,
    /// How many programmes are in it.
    programs_count: i64,
    /// Its picture, relative to this site.
    #[schema(required)]
    image_url: Option<String>,
    /// The same with at most 480 pixels on its longer side.
    #[schema(required)]
    thumbnail_url: Option<String>,
    /// The last time that a channel was asked for, unless that was withdrawn.
    #[schema(required)]
    channel_request: Option<ChannelRequest>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// Whom a group is meant for.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = GroupVisibility)]
pub(crate) enum Visibility {
    #[default]
    Private,
    Public,
}

/// A group to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewGroup {
    /// 1 to 200 characters.
    name: String,
    /// Up to 5000 characters.
    description: Option<String>,
    /// Up to 100 characters.
    category: Option<String>,
    /// `private` when absent.
    #[serde(default)]
    #[schema(required = false)]
    visibility: Visibility,
    /// Up to 20 words of up to 50 characters.
    #[serde(default)]
    #[schema(required = false)]
    tags: Vec<String>,
}

/// What shall be different of a group; what is absent stays, what is null goes away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GroupChanges {
    /// 1 to 200 characters.
    #[schema(nullable = false)]
    name: Option<String>,
    /// Up to 5000 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Up to 100 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    category: Option<Option<String>>,
    #[schema(nullable = false)]
    visibility: Option<Visibility>,
    /// All of them.
    #[schema(nullable = false)]
    tags: Option<Vec<String>>,
}

/// One group.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneGroup {
    group: Group,
}

/// A group was changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupAnswer {
    message: &'static str,
    group: Group,
}

/// All groups of an owner, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Groups {
    groups: Vec<Group>,
    count: usize,
}

/// A group is gone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupDeleted {
    message: &'static str,
    group_id: String,
}

/// A member that is there, be it null: the outer `None` stands for one that is not.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Lists the groups of a user, by name.
#[utoipa::path(get, path = "/users/{user_id}/groups", operation_id = "list_groups", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any.")),
    responses((status = 200, description = "All of them, 200 at most.", body = Groups)))]
pub(crate) async fn list(Admitted(ctx): Admitted, Id(user_id): Id) -> Result<Json<Groups>, Problem> {
    let found = groups::list(&ctx, &user_id).await?;
    let groups: Vec<Group> = found.into_iter().map(Group::from).collect();
    let count = groups.len();
    Ok(Json(Groups { groups, count }))
}

/// Adds a group.
#[utoipa::path(post, path = "/users/{user_id}/groups", operation_id = "create_group", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any.")),
    request_body = NewGroup,
    responses((status = 201, description = "Added.", body = GroupAnswer)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Id(user_id): Id,
    Json(body): Json<NewGroup>,
) -> Result<(StatusCode, Json<GroupAnswer>), Problem> {
    let group = groups::create(&ctx, &user_id, body.into()).await?.into();
    let message = "Group created successfully";
    Ok((StatusCode::CREATED, Json(GroupAnswer { message, group })))
}

/// Shows a group.
#[utoipa::path(get, path = "/users/{user_id}/groups/{group_id}", operation_id = "get_group", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    responses((status = 200, description = "The group.", body = OneGroup)))]
pub(crate) async fn show(Admitted(ctx): Admitted, Ids(user_id, group_id): Ids) -> Result<Json<OneGroup>, Problem> {
    let group = groups::get(&ctx, &user_id, &group_id).await?.into();
    Ok(Json(OneGroup { group }))
}

/// Changes what a group says about itself: the members that are sent, and no others.
#[utoipa::path(patch, path = "/users/{user_id}/groups/{group_id}", operation_id = "edit_group", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    request_body = GroupChanges,
    responses((status = 200, description = "As it is now.", body = GroupAnswer)))]
pub(crate) async fn edit(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
    Json(body): Json<GroupChanges>,
) -> Result<Json<GroupAnswer>, Problem> {
    let group = groups::edit(&ctx, &user_id, &group_id, body.into()).await?.into();
    let message = "Group updated successfully";
    Ok(Json(GroupAnswer { message, group }))
}

/// Removes a group. Its programmes stay, in no group; a pending request for a channel has to be withdrawn first.
#[utoipa::path(delete, path = "/users/{user_id}/groups/{group_id}", operation_id = "delete_group", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    responses((status = 200, description = "Removed.", body = GroupDeleted)))]
pub(crate) async fn delete(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
) -> Result<Json<GroupDeleted>, Problem> {
    groups::remove(&ctx, &user_id, &group_id).await?;
    let message = "Group deleted successfully";
    Ok(Json(GroupDeleted { message, group_id }))
}

/// Gives a group a picture: the body is a JPEG, PNG, WebP or GIF file of at most 12 MiB and 40 megapixels. It is turned
/// upright, made at most 1600 pixels large and freed of everything but its pixels. It replaces the one before.
#[utoipa::path(post, path = "/users/{user_id}/groups/{group_id}/image", operation_id = "set_group_image", tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "The group with its picture.", body = GroupAnswer)))]
pub(crate) async fn set_image(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
    Raw(content): Raw<BYTES_MAX>,
) -> Result<Json<GroupAnswer>, Problem> {
    let group = groups::picture::set(&ctx, &user_id, &group_id, content).await?.into();
    let message = "Group image updated successfully";
    Ok(Json(GroupAnswer { message, group }))
}

/// Takes a group's picture away.
#[utoipa::path(delete, path = "/users/{user_id}/groups/{group_id}/image", operation_id = "delete_group_image",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    responses((status = 200, description = "The group without a picture.", body = GroupAnswer)))]
pub(crate) async fn delete_image(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
) -> Result<Json<GroupAnswer>, Problem> {
    let group = groups::picture::remove(&ctx, &user_id, &group_id).await?.into();
    let message = "Group image deleted successfully";
    Ok(Json(GroupAnswer { message, group }))
}

impl From<groups::Group> for Group {
    fn from(group: groups::Group) -> Self {
        Self {
            group_id: group.id,
            owner_id: group.owner_id,
            name: group.about.name,
            description: group.about.description,
            category: group.about.category,
            visibility: group.about.visibility.into(),
            tags: group.about.tags,
            programs_count: group.programs,
            image_url: group.picture.as_ref().map(platform::pictures::Stored::url),
            thumbnail_url: group.picture.as_ref().map(platform::pictures::Stored::thumbnail_url),
            channel_request: group.request.map(ChannelRequest::from),
            created_at: rfc3339(group.created_at_ms),
            updated_at: rfc3339(group.updated_at_ms),
        }
    }
}

impl From<NewGroup> for About {
    fn from(new: NewGroup) -> Self {
        Self {
            name: new.name,
            description: new.description,
            category: new.category,
            visibility: new.visibility.into(),
            tags: new.tags,
        }
    }
}

impl From<GroupChanges> for Changes {
    fn from(changes: GroupChanges) -> Self {
        Self {
            name: changes.name,
            description: changes.description,
            category: changes.category,
            visibility: changes.visibility.map(Into::into),
            tags: changes.tags,
        }
    }
}

impl From<groups::Visibility> for Visibility {
    fn from(visibility: groups::Visibility) -> Self {
        match visibility {
            groups::Visibility::Private => Self::Private,
            groups::Visibility::Public => Self::Public,
        }
    }
}

impl From<Visibility> for groups::Visibility {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Private => Self::Private,
            Visibility::Public => Self::Public,
        }
    }
}
