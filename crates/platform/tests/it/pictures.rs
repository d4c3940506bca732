//! Pictures of auctions: uploading, ordering, removing, and what crashes leave behind.
#![expect(clippy::panic, reason = "a story that cannot go on fails, and says where")]

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, RgbImage};
use platform::auctions::pictures::{self, COUNT_MAX, Image, Picture};
use platform::auctions::{self, NewAuction};
use platform::failpoint::PICTURE_STEPS;
use platform::{ErrorKind, Platform};

use crate::support::{World, account, die_at, watch};

on_every_database! {
    a_seller_adds_orders_and_removes_pictures
    ten_pictures_fit_and_not_one_more_however_many_try
    only_the_seller_and_admins_change_pictures_and_only_while_it_is_open
    an_auction_is_created_with_pictures_and_links
    what_a_crash_leaves_of_an_upload_is_removed_after_an_hour
    an_upload_that_takes_too_long_is_refused
    an_address_from_an_earlier_release_stays_a_picture
}

fn png(shade: u8) -> Bytes {
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(20, 10, image::Rgb([shade; 3])));
    let mut content = Cursor::new(Vec::new());
    picture.write_to(&mut content, ImageFormat::Png).unwrap();
    content.into_inner().into()
}

fn data_uri(shade: u8) -> String {
    use base64::Engine as _;
    format!(
        "data:image/png;base64,{}",
        base64::engine::general_purpose::STANDARD.encode(png(shade))
    )
}

fn names(picture: &Picture) -> [String; 2] {
    match &picture.image {
        Image::Stored(stored) => [stored.name.clone(), stored.thumbnail.clone()],
        Image::Link(link) => panic!("{link} is a link"),
    }
}

async fn is_there(platform: &Platform, name: &str) -> bool {
    match platform::pictures::open(platform, name).await {
        Ok(file) => !file.content.is_empty(),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
            false
        }
    }
}

async fn shown(world: &World, id: &str) -> Vec<Picture> {
    auctions::get(&world.anonymous(), id).await.unwrap().pictures
}

/// Files in the storage folder.
fn files(world: &World) -> usize {
    std::fs::read_dir(world.files().join("pictures")).map_or(0, Iterator::count)
}

async fn a_seller_adds_orders_and_removes_pictures(world: World) {
    let id = world.auction().await.view.auction.id;
    let mut added = Vec::new();
    for shade in [10, 120, 250] {
        added.push(pictures::add(&world.host(), &id, png(shade)).await.unwrap());
    }
    assert_eq!(shown(&world, &id).await, added);
    let [name, thumbnail] = names(&added[0]);
    let file = platform::pictures::open(&world.platform, &name).await.unwrap();
    assert_eq!(
        (file.content_type, &file.content[..2]),
        ("image/jpeg", &b"\xff\xd8"[..])
    );
    assert!(is_there(&world.platform, &thumbnail).await);

    let order = [&added[2], &added[0], &added[1]].map(|picture| picture.id.clone());
    let ordered = pictures::reorder(&world.admin(), &id, &order).await.unwrap();
    assert_eq!(shown(&world, &id).await, ordered);
    let view = auctions::get(&world.host(), &id).await.unwrap();
    assert_eq!(
        view.image_url(),
        Some(added[2].url()),
        "the first one stands for the auction"
    );
    for wrong in [
        vec![],
        vec![order[0].clone(); 3],
        vec![order[0].clone(), order[1].clone(), id.clone()],
    ] {
        let error = pictures::reorder(&world.host(), &id, &wrong).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: "ids".into() });
    }

    pictures::remove(&world.host(), &id, &added[0].id).await.unwrap();
    assert_eq!(shown(&world, &id).await, [added[2].clone(), added[1].clone()]);
    let again = pictures::remove(&world.host(), &id, &added[0].id).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::NotFound);
    world.run_jobs().await;
    assert!(!is_there(&world.platform, &name).await && !is_there(&world.platform, &thumbnail).await);
    assert!(is_there(&world.platform, &names(&added[1])[0]).await);
    let later = pictures::add(&world.host(), &id, png(77)).await.unwrap();
    assert_eq!(
        shown(&world, &id).await.last(),
        Some(&later),
        "a new one goes to the end"
    );
    assert_eq!(files(&world), 6);
    let told: Vec<_> = world.events(&format!("auction:{id}")).await;
    let updates = told.iter().filter(|(kind, _)| kind == "pictures_update").count();
    assert_eq!(updates, 6, "three added, one order, one removed, one added");
    assert_eq!(told.last().unwrap().1["gallery_images"].as_array().unwrap().len(), 3);
}

async fn ten_pictures_fit_and_not_one_more_however_many_try(world: World) {
    let id = world.auction().await.view.auction.id;
    for _ in 1..COUNT_MAX {
        pictures::add(&world.host(), &id, png(1)).await.unwrap();
    }
    let other = world.replica().await;
    let (here, there) = (world.host(), other.context(account("host")));
    let (first, second) = tokio::join!(pictures::add(&here, &id, png(2)), pictures::add(&there, &id, png(3)));
    let (kept, refused) = match (first, second) {
        (Ok(kept), Err(refused)) | (Err(refused), Ok(kept)) => (kept, refused),
        both => panic!("one of two: {both:?}"),
    };
    assert_eq!(refused.kind, ErrorKind::Invalid { field: "image".into() });
    assert!(refused.message.contains("at most 10 pictures"), "{refused}");
    assert_eq!(shown(&world, &id).await.len(), COUNT_MAX);
    assert_eq!(shown(&world, &id).await.last(), Some(&kept));
    world.pass_ms(2 * 3_600_000).await;
    assert_eq!(files(&world), 2 * COUNT_MAX, "what was refused left nothing");
}

async fn only_the_seller_and_admins_change_pictures_and_only_while_it_is_open(world: World) {
    let id = world.auction().await.view.auction.id;
    let picture = pictures::add(&world.admin(), &id, png(1)).await.unwrap();
    let order = [picture.id.clone()];
    for (ctx, expected) in [
        (world.context(account("other")), ErrorKind::Forbidden),
        (world.anonymous(), ErrorKind::Unauthenticated),
    ] {
        assert_eq!(pictures::add(&ctx, &id, png(2)).await.unwrap_err().kind, expected);
        assert_eq!(
            pictures::remove(&ctx, &id, &picture.id).await.unwrap_err().kind,
            expected
        );
        assert_eq!(pictures::reorder(&ctx, &id, &order).await.unwrap_err().kind, expected);
    }
    let foreign = world.auction().await.view.auction.id;
    let error = pictures::remove(&world.host(), &foreign, &picture.id)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "a picture of another auction");
    auctions::close(&world.host(), &id).await.unwrap();
    for error in [
        pictures::add(&world.host(), &id, png(2)).await.unwrap_err(),
        pictures::remove(&world.host(), &id, &picture.id).await.unwrap_err(),
        pictures::reorder(&world.host(), &id, &order).await.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind, error.message.into_owned()),
            (ErrorKind::Conflict, format!("Auction is closed: {id}"))
        );
    }
    world.pass_ms(2 * 3_600_000).await;
    assert!(
        is_there(&world.platform, &names(&picture)[0]).await,
        "what was sold can be looked at for good"
    );
}

async fn an_auction_is_created_with_pictures_and_links(world: World) {
    let link = "https://images.example/back.jpg";
    let input = NewAuction {
        image_url: Some(data_uri(9)),
        images: vec![link.into(), data_uri(200)],
        ..watch()
    };
    let created = auctions::create(&world.host(), input).await.unwrap().view;
    assert_eq!(created.pictures, shown(&world, &created.auction.id).await);
    let [front, back, side] = &created.pictures[..] else {
        panic!("{:?}", created.pictures)
    };
    assert_eq!((back.url(), back.size()), (link.to_owned(), None));
    assert_eq!((front.size(), side.size()), (Some((20, 10)), Some((20, 10))));
    assert_eq!(created.image_url(), Some(front.url()));
    assert!(is_there(&world.platform, &names(side)[1]).await);
    let listed = auctions::list(&world.anonymous(), Default::default(), Default::default())
        .await
        .unwrap();
    assert_eq!(listed.auctions[0].pictures, created.pictures);

    let broken = NewAuction {
        images: vec![data_uri(9), "data:image/jpeg;base64,PHNjcmlwdD4=".into()],
        ..watch()
    };
    let error = auctions::create(&world.host(), broken).await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Invalid {
            field: "images[1]".into()
        }
    );
    assert_eq!(
        world.tower.channel_names().await.len(),
        1,
        "refused before anything was made"
    );
    world.pass_ms(2 * 3_600_000).await;
    assert_eq!(files(&world), 4, "the good picture of the refused auction is gone");
}

async fn what_a_crash_leaves_of_an_upload_is_removed_after_an_hour(mut world: World) {
    let long = NewAuction {
        duration_s: 24 * 3600,
        ..watch()
    };
    let id = auctions::create(&world.host(), long).await.unwrap().view.auction.id;
    for (step, files_left, pictures_after) in [
        (PICTURE_STEPS[0], 0, 0),
        (PICTURE_STEPS[1], 2, 0),
        (PICTURE_STEPS[2], 2, 1),
    ] {
        world.restart_with(die_at(step), |_| {}).await;
        let (host, auction) = (world.host(), id.clone());
        let upload = tokio::spawn(async move { pictures::add(&host, &auction, png(5)).await.map(drop) });
        assert!(upload.await.unwrap_err().is_panic(), "{step}");
        world.restart().await;
        assert_eq!(
            (files(&world), shown(&world, &id).await.len()),
            (files_left, pictures_after),
            "{step}"
        );
        world.pass_ms(30 * 60_000).await;
        assert_eq!(files(&world), files_left, "{step}: an upload may still be on its way");
        world.pass_ms(31 * 60_000).await;
        assert_eq!(
            (files(&world), shown(&world, &id).await.len()),
            (2 * pictures_after, pictures_after),
            "{step}"
        );
    }
    assert_eq!(
        world
            .number("select count(*) from stored_files where state <> 'kept'")
            .await,
        0
    );
}

/// The row that an upload would refer to goes away while it is under way.
async fn an_upload_that_takes_too_long_is_refused(mut world: World) {
    let id = world.auction().await.view.auction.id;
    let (written, go_on) = (
        std::sync::Arc::new(tokio::sync::Notify::new()),
        std::sync::mpsc::channel::<()>(),
    );
    let (told, go_on) = (written.clone(), (go_on.0, std::sync::Mutex::new(go_on.1)));
    let (release, wait) = go_on;
    let failpoint = platform::failpoint::Failpoint::new(std::sync::Arc::new(move |step| {
        if step == PICTURE_STEPS[1] {
            told.notify_one();
            wait.lock().unwrap().recv().unwrap();
        }
    }));
    world.restart_with(failpoint, |_| {}).await;
    let (host, auction) = (world.host(), id.clone());
    let upload = tokio::spawn(async move { pictures::add(&host, &auction, png(5)).await });
    written.notified().await;
    world.clock.advance_ms(3_600_001);
    world.run_jobs().await;
    release.send(()).unwrap();
    let error = upload.await.unwrap().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert_eq!((files(&world), shown(&world, &id).await.len()), (0, 0));
}

async fn an_address_from_an_earlier_release_stays_a_picture(world: World) {
    let id = world.auction().await.view.auction.id;
    let statement = "update auctions set image_url = 'https://images.example/old.jpg' where id = $1";
    let mut tx = world.platform.db().begin().await.unwrap();
    sqlx::query(statement).bind(&id).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    let view = auctions::get(&world.anonymous(), &id).await.unwrap();
    assert_eq!(view.image_url().as_deref(), Some("https://images.example/old.jpg"));
    let picture = pictures::add(&world.host(), &id, png(1)).await.unwrap();
    assert_eq!(
        auctions::get(&world.anonymous(), &id).await.unwrap().image_url(),
        Some(picture.url())
    );
}
