//! Programmes: their order, their group, their limits.

use platform::groups;
use platform::groups::programs::{self, About, Changes, IN_GROUP_MAX, Program};
use platform::{Caller, ErrorKind, Page};

use super::{group, id, person, shown};
use crate::support::World;

on_every_database! {
    programmes_keep_their_order_without_gaps
    a_programme_moves_between_groups_and_outlives_them
    a_group_has_so_many_programmes_and_not_one_more_however_many_are_added_at_once
    programmes_are_seen_and_changed_by_their_owner_and_admins_only
}

fn titled(title: &str) -> About {
    About {
        title: title.to_owned(),
        ..About::default()
    }
}

/// Adds a programme to a group.
async fn add(world: &World, owner: &Caller, group_id: &str, title: &str) -> Program {
    // Ids sort by the moment.
    world.clock.advance_ms(1);
    let ctx = world.context(owner.clone());
    programs::create(&ctx, id(owner), Some(group_id), titled(title))
        .await
        .unwrap()
}

/// The titles of a group in its order; the places are checked on the way.
async fn titles(world: &World, owner: &Caller, group_id: &str) -> Vec<String> {
    let programs = programs::of_group(&world.context(owner.clone()), id(owner), group_id)
        .await
        .unwrap();
    let places: Vec<i64> = programs.iter().map(|program| program.position).collect();
    assert_eq!(places, (0..places.len() as i64).collect::<Vec<_>>());
    programs.into_iter().map(|program| program.about.title).collect()
}

async fn programmes_keep_their_order_without_gaps(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ctx = world.context(olga.clone());
    let shows = group(&world, &olga, "Morning shows").await;
    let mut added = Vec::new();
    for title in ["a", "b", "c", "d"] {
        added.push(add(&world, &olga, &shows.id, title).await);
    }
    assert_eq!(shown(&world, &shows).await.programs, 4);
    programs::remove(&ctx, id(&olga), &added[1].id).await.unwrap();
    assert_eq!(titles(&world, &olga, &shows.id).await, ["a", "c", "d"]);

    let order = [&added[3].id, &added[0].id, &added[2].id].map(String::clone);
    programs::reorder(&ctx, id(&olga), &shows.id, &order).await.unwrap();
    assert_eq!(titles(&world, &olga, &shows.id).await, ["d", "a", "c"]);
    for wrong in [
        &order[..2],
        &[order[0].clone(), order[0].clone(), order[1].clone()],
        &[],
    ] {
        let error = programs::reorder(&ctx, id(&olga), &shows.id, wrong).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: "ids".into() }, "{wrong:?}");
    }
    let changes = Changes {
        title: Some("A".into()),
        duration_s: Some(Some(1_800)),
        group_id: Some(Some(shows.id.clone())),
        ..Changes::default()
    };
    let changed = programs::edit(&ctx, id(&olga), &added[0].id, changes).await.unwrap();
    assert_eq!(changed.about.duration_s, Some(1_800));
    assert_eq!(programs::get(&ctx, id(&olga), &added[0].id).await.unwrap(), changed);
    assert_eq!(
        titles(&world, &olga, &shows.id).await,
        ["d", "A", "c"],
        "its own group is no move"
    );
}

async fn a_programme_moves_between_groups_and_outlives_them(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ctx = world.context(olga.clone());
    let (mornings, evenings) = (
        group(&world, &olga, "Mornings").await,
        group(&world, &olga, "Evenings").await,
    );
    let first = add(&world, &olga, &mornings.id, "first").await;
    add(&world, &olga, &mornings.id, "second").await;
    add(&world, &olga, &evenings.id, "late").await;
    let into = |group_id: Option<&str>| Changes {
        group_id: Some(group_id.map(str::to_owned)),
        ..Changes::default()
    };
    programs::edit(&ctx, id(&olga), &first.id, into(Some(&evenings.id)))
        .await
        .unwrap();
    assert_eq!(titles(&world, &olga, &mornings.id).await, ["second"]);
    assert_eq!(titles(&world, &olga, &evenings.id).await, ["late", "first"]);
    programs::edit(&ctx, id(&olga), &first.id, into(None)).await.unwrap();
    assert_eq!(titles(&world, &olga, &evenings.id).await, ["late"]);

    let stranger = person(&world, "stranger", &[]).await;
    let foreign = group(&world, &stranger, "Not hers").await;
    let refused = programs::edit(&ctx, id(&olga), &first.id, into(Some(&foreign.id)))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind, &*refused.message),
        (ErrorKind::NotFound, "Group not found")
    );

    groups::remove(&ctx, id(&olga), &evenings.id).await.unwrap();
    let all = programs::list(&ctx, id(&olga), Page::default()).await.unwrap();
    let found: Vec<_> = all
        .programs
        .iter()
        .map(|it| (it.about.title.as_str(), it.group_id.is_some()))
        .collect();
    assert_eq!(
        found,
        [("late", false), ("second", true), ("first", false)],
        "newest first, none lost"
    );
    assert_eq!(all.total, 3);
}

async fn a_group_has_so_many_programmes_and_not_one_more_however_many_are_added_at_once(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let shows = group(&world, &olga, "Morning shows").await;
    for number in 1..IN_GROUP_MAX {
        add(&world, &olga, &shows.id, &number.to_string()).await;
    }
    let (here, there) = (
        world.platform.context(olga.clone()),
        world.replica().await.context(olga.clone()),
    );
    let (first, second) = tokio::join!(
        programs::create(&here, id(&olga), Some(&shows.id), titled("one")),
        programs::create(&there, id(&olga), Some(&shows.id), titled("two"))
    );
    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(&*refused[0].message, "The group has 200 programs already");
    assert_eq!(titles(&world, &olga, &shows.id).await.len(), 200);
    programs::create(&here, id(&olga), None, titled("elsewhere"))
        .await
        .unwrap();
}

async fn programmes_are_seen_and_changed_by_their_owner_and_admins_only(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let other = person(&world, "other", &[]).await;
    let shows = group(&world, &olga, "Morning shows").await;
    let program = add(&world, &olga, &shows.id, "first").await;
    for (ctx, expected) in [
        (world.anonymous(), Some(ErrorKind::Unauthenticated)),
        (world.context(other.clone()), Some(ErrorKind::Forbidden)),
        (world.admin(), None),
    ] {
        let ids = [program.id.clone()];
        let refusals = [
            programs::get(&ctx, id(&olga), &program.id).await.err(),
            programs::list(&ctx, id(&olga), Page::default()).await.err(),
            programs::of_group(&ctx, id(&olga), &shows.id).await.err(),
            programs::edit(&ctx, id(&olga), &program.id, Changes::default())
                .await
                .err(),
            programs::reorder(&ctx, id(&olga), &shows.id, &ids).await.err(),
            programs::create(&ctx, id(&olga), None, titled("more")).await.err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map(|error| error.kind), expected, "{:?}", ctx.caller);
        }
    }
    let foreign = programs::remove(&world.context(other.clone()), id(&other), &program.id)
        .await
        .unwrap_err();
    assert_eq!(
        (foreign.kind, &*foreign.message),
        (ErrorKind::NotFound, "Program not found")
    );
}
