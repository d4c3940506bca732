//! Groups: making, changing, removing, and their picture.

use platform::groups::{self, Changes, GROUPS_MAX, Visibility, picture};
use platform::{ErrorKind, Role, audit, pictures};

use super::{about, group, id, person, png, shown};
use crate::support::{World, account};

on_every_database! {
    a_group_is_made_changed_and_removed
    groups_are_seen_and_changed_by_their_owner_and_admins_only
    an_owner_has_so_many_groups_and_not_one_more_however_many_are_made_at_once
    a_picture_is_replaced_and_goes_with_its_group
}

async fn a_group_is_made_changed_and_removed(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ctx = world.context(olga.clone());
    let made = group(&world, &olga, " Morning shows ").await;
    assert_eq!(
        (made.about.name.as_str(), made.programs, &made.picture),
        ("Morning shows", 0, &None)
    );
    world.clock.advance_ms(1_000);
    let ctx_later = world.context(olga.clone());
    let changes = Changes {
        description: Some(Some("Every morning.".into())),
        visibility: Some(Visibility::Public),
        tags: Some(vec!["news".into(), "news".into()]),
        ..Changes::default()
    };
    let changed = groups::edit(&ctx_later, id(&olga), &made.id, changes).await.unwrap();
    assert_eq!(changed, shown(&world, &made).await);
    assert_eq!(changed.about.name, "Morning shows", "what is not named stays");
    assert_eq!(
        (changed.created_at_ms, changed.updated_at_ms),
        (ctx.now_ms, ctx.now_ms + 1_000)
    );
    assert_eq!(changed.about.tags, ["news"]);

    let second = group(&world, &olga, "early birds").await;
    let listed = groups::list(&ctx, id(&olga)).await.unwrap();
    let names: Vec<_> = listed.iter().map(|group| group.about.name.as_str()).collect();
    assert_eq!(names, ["early birds", "Morning shows"], "by name, whatever its case");
    world.clock.advance_ms(1);
    let ctx = world.context(olga.clone());
    groups::remove(&ctx, id(&olga), &second.id).await.unwrap();
    let again = groups::remove(&ctx, id(&olga), &second.id).await.unwrap_err();
    assert_eq!((again.kind, &*again.message), (ErrorKind::NotFound, "Group not found"));
    let lines = audit::about(world.platform.db(), &format!("group:{}", second.id))
        .await
        .unwrap();
    let actions: Vec<_> = lines.iter().rev().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["groups.create", "groups.remove"]);
    assert_eq!(lines[0].actor, format!("account:{}", id(&olga)));
}

async fn groups_are_seen_and_changed_by_their_owner_and_admins_only(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let other = person(&world, "other", &[Role::Host]).await;
    let admin = person(&world, "admin", &[Role::Admin]).await;
    let made = group(&world, &olga, "Morning shows").await;
    for (ctx, expected) in [
        (world.anonymous(), Some(ErrorKind::Unauthenticated)),
        (world.context(other.clone()), Some(ErrorKind::Forbidden)),
        (world.context(admin.clone()), None),
        (world.context(olga.clone()), None),
    ] {
        let changes = Changes::default();
        let refusals = [
            groups::get(&ctx, id(&olga), &made.id).await.err(),
            groups::list(&ctx, id(&olga)).await.err(),
            groups::edit(&ctx, id(&olga), &made.id, changes).await.err(),
            groups::create(&ctx, id(&olga), about("More")).await.err(),
            picture::set(&ctx, id(&olga), &made.id, png(1)).await.err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map(|error| error.kind), expected, "{:?}", ctx.caller);
        }
    }
    // Under one's own name nobody reaches what is another's.
    let foreign = groups::get(&world.context(other.clone()), id(&other), &made.id)
        .await
        .unwrap_err();
    assert_eq!(foreign.kind, ErrorKind::NotFound);
    let ghost = account("01949c2e-0000-7000-8000-000000000000");
    let refused = groups::create(&world.context(admin), id(&ghost), about("More"))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind, &*refused.message),
        (ErrorKind::NotFound, "User not found")
    );
}

async fn an_owner_has_so_many_groups_and_not_one_more_however_many_are_made_at_once(world: World) {
    let olga = person(&world, "olga", &[]).await;
    for number in 1..GROUPS_MAX {
        group(&world, &olga, &format!("Group {number}")).await;
    }
    let (here, there) = (
        world.platform.context(olga.clone()),
        world.replica().await.context(olga.clone()),
    );
    let (first, second) = tokio::join!(
        groups::create(&here, id(&olga), about("One")),
        groups::create(&there, id(&olga), about("Two"))
    );
    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(
        (&refused[0].kind, &*refused[0].message),
        (&ErrorKind::Conflict, "There are 200 groups already")
    );
    assert_eq!(groups::list(&here, id(&olga)).await.unwrap().len(), 200);
}

async fn a_picture_is_replaced_and_goes_with_its_group(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ctx = world.context(olga.clone());
    let made = group(&world, &olga, "Morning shows").await;
    let files = || std::fs::read_dir(world.files().join("pictures")).map_or(0, Iterator::count);
    let first = picture::set(&ctx, id(&olga), &made.id, png(10))
        .await
        .unwrap()
        .picture
        .unwrap();
    let second = picture::set(&ctx, id(&olga), &made.id, png(200)).await.unwrap();
    assert_eq!(second, shown(&world, &made).await);
    let picture_now = second.picture.unwrap();
    assert_ne!(first, picture_now);
    world.run_jobs().await;
    assert_eq!(files(), 2, "the first one's files are gone");
    assert!(pictures::open(&world.platform, &first.name).await.is_err());
    let file = pictures::open(&world.platform, &picture_now.thumbnail).await.unwrap();
    assert_eq!(file.content_type, "image/jpeg");

    let broken = picture::set(&ctx, id(&olga), &made.id, "no picture".into())
        .await
        .unwrap_err();
    assert_eq!(broken.kind, ErrorKind::Invalid { field: "image".into() });
    assert_eq!(shown(&world, &made).await.picture, Some(picture_now));

    assert_eq!(picture::remove(&ctx, id(&olga), &made.id).await.unwrap().picture, None);
    picture::remove(&ctx, id(&olga), &made.id).await.unwrap();
    picture::set(&ctx, id(&olga), &made.id, png(90)).await.unwrap();
    groups::remove(&ctx, id(&olga), &made.id).await.unwrap();
    world.run_jobs().await;
    assert_eq!(files(), 0);
}
