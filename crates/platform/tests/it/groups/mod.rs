//! Groups, their programmes, and asking for channels.

mod approving;
mod asking;
mod crashes;
mod library;
mod programmes;

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, RgbImage};
use platform::groups::channel_requests::{self, Approval, Approved, NewRequest, Part, Request, Status};
use platform::groups::{self, About, Group, Visibility};
use platform::{Caller, Context, Error, Platform, Role, Secret, accounts};

use crate::support::World;

const APPROVAL: Approval = Approval {
    is_recording_enabled: false,
};

/// Somebody with an account.
async fn person(world: &World, name: &str, roles: &[Role]) -> Caller {
    let account = accounts::NewAccount {
        email: format!("{name}@example.com"),
        password: Secret::new("correct horse battery"),
        name: name.to_owned(),
    };
    let roles = if roles.is_empty() {
        vec![Role::Member]
    } else {
        roles.to_vec()
    };
    let system = world.context(Caller::System);
    let account = accounts::create_account(&system, accounts::NewUser { account, roles })
        .await
        .unwrap();
    Caller::Account {
        id: account.id,
        email: account.email,
        name: account.name,
        roles: account.roles,
    }
}

/// The id of a person.
fn id(caller: &Caller) -> &str {
    caller.id().unwrap()
}

fn about(name: &str) -> About {
    About {
        name: name.to_owned(),
        description: None,
        category: None,
        visibility: Visibility::Private,
        tags: Vec::new(),
    }
}

/// A group of the person's own.
async fn group(world: &World, owner: &Caller, name: &str) -> Group {
    groups::create(&world.context(owner.clone()), id(owner), about(name))
        .await
        .unwrap()
}

/// The group as its owner sees it now.
async fn shown(world: &World, group: &Group) -> Group {
    groups::get(&world.context(Caller::System), &group.owner_id, &group.id)
        .await
        .unwrap()
}

/// Asks for a channel for a group.
async fn ask(ctx: &Context, group: &Group) -> Result<Request, Error> {
    channel_requests::submit(ctx, &group.owner_id, &group.id, NewRequest::default()).await
}

/// A group of the owner, and a pending request for it.
async fn asked(world: &World, owner: &Caller, name: &str) -> (Group, Request) {
    let group = group(world, owner, name).await;
    let request = ask(&world.context(owner.clone()), &group).await.unwrap();
    (group, request)
}

async fn approve(platform: &Platform, admin: &Caller, request: &Request) -> Result<Approved, Error> {
    channel_requests::approve(&platform.context(admin.clone()), &request.id, APPROVAL).await
}

/// A request as admins see it.
async fn read(world: &World, request: &Request) -> Request {
    let all = channel_requests::list(&world.admin(), None, Part::default())
        .await
        .unwrap();
    let mut all = all.requests.into_iter();
    all.find(|other| other.id == request.id).unwrap()
}

/// The names of the channels in the pool, in order.
async fn pool(world: &World) -> Vec<String> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select ivs_name from channels where deleted_at_ms is null order by ivs_name")
            .fetch_all(world.platform.db().read())
            .await
            .unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

/// Pool, provider and ledger have the same channels, as many as expected.
async fn agree(world: &World, expected: usize, context: &str) {
    let pool = pool(world).await;
    assert_eq!(pool.len(), expected, "{context}: the pool");
    assert_eq!(world.tower.channel_names().await, pool, "{context}: the provider");
    assert_eq!(world.open_resources().await, pool.len() as i64, "{context}: the ledger");
    assert!(world.leaks().await.is_empty(), "{context}: leaks");
}

/// Approvals that are under way, and jobs that would go on with them.
async fn under_way(world: &World) -> (i64, i64) {
    (
        world
            .number("select count(*) from channel_requests where approval_id is not null")
            .await,
        world
            .number("select count(*) from jobs where name = 'channel_requests.finish_approval'")
            .await,
    )
}

fn is(request: &Request, status: Status) -> bool {
    request.status == status
}

fn png(shade: u8) -> Bytes {
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(20, 10, image::Rgb([shade; 3])));
    let mut content = Cursor::new(Vec::new());
    picture.write_to(&mut content, ImageFormat::Png).unwrap();
    content.into_inner().into()
}
