//! Staying signed in and signing out.

use super::*;
use crate::testing::until_one_is_held_up;

on_both_databases!(
    a_refresh_token_is_good_once,
    the_token_before_is_good_for_a_moment,
    two_refreshes_at_once_keep_both_tabs_signed_in,
    a_refresh_token_ends,
    signing_out_ends_the_family,
);

async fn a_refresh_token_is_good_once(database: Database) {
    let story = Story::begin(database).await;
    let (other, first) = (
        story.register("eve@example.com").await,
        story.register("ada@example.com").await,
    );
    let second = story.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(second.account, first.account);
    story.clock.advance_ms(1);
    let third = story.refresh(&second.refresh_token).await.unwrap();
    // The first comes back: somebody has a copy, so the newest of the family ends, too.
    assert_eq!(
        story.refresh(&first.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    assert_eq!(
        story.refresh(&third.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    let target = format!("account:{}", first.account.id);
    assert!(
        story
            .audited(&target)
            .await
            .contains(&"accounts.refresh_reused".to_owned())
    );
    story.refresh(&other.refresh_token).await.unwrap();
}

async fn the_token_before_is_good_for_a_moment(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await.refresh_token;
    let second = story.refresh(&first).await.unwrap().refresh_token;
    story.clock.advance_ms(9_999);
    let again = story.refresh(&first).await.unwrap().refresh_token;
    assert_ne!(again, second);
    let third = story.refresh(&second).await.unwrap().refresh_token;
    assert_eq!(story.refresh(&first).await.unwrap_err(), ErrorKind::Unauthenticated);
    for token in [again, third] {
        assert_eq!(
            story.refresh(&token).await.unwrap_err(),
            ErrorKind::Unauthenticated,
            "the family ended"
        );
    }
    let first = story.login("ada@example.com", "correct horse", HOME).await.unwrap();
    let second = story.refresh(&first.refresh_token).await.unwrap();
    story.clock.advance_ms(10_000);
    for token in [first.refresh_token, second.refresh_token] {
        assert_eq!(
            story.refresh(&token).await.unwrap_err(),
            ErrorKind::Unauthenticated,
            "the leeway is over"
        );
    }
}

async fn two_refreshes_at_once_keep_both_tabs_signed_in(database: Database) {
    let story = Story::begin(database).await;
    let token = story.register("ada@example.com").await.refresh_token;
    let (one, two) = tokio::join!(story.refresh(&token), story.refresh(&token));
    let tokens = [one.unwrap().refresh_token, two.unwrap().refresh_token];
    assert_ne!(tokens[0], tokens[1]);
    story.clock.advance_ms(60_000);
    for token in &tokens {
        story.refresh(token).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_a_token_that_grows_meanwhile() {
    let story = Story::begin(Database::postgres().await).await;
    let token = story.register("ada@example.com").await.refresh_token;
    let hash = |token: &str| story.platform.seal().lookup("refresh-token", token);
    let now_ms = story.clock.now_ms();
    let mut tx = story.platform.db().begin().await.unwrap();
    let used = store::refresh::use_up(tx.conn(), &hash(token.reveal()), now_ms, now_ms).await;
    let grown = used.unwrap().unwrap();
    store::refresh::insert(tx.conn(), &hash("next"), &grown, now_ms, now_ms + 1_000)
        .await
        .unwrap();
    let anonymous = story.anonymous();
    let leaving = tokio::spawn(async move { logout(&anonymous, &token).await });
    until_one_is_held_up(&story.platform).await;
    tx.commit().await.unwrap();
    leaving.await.unwrap().unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from refresh_tokens")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

async fn a_refresh_token_ends(database: Database) {
    let story = Story::begin(database).await;
    let token = story.register("ada@example.com").await.refresh_token;
    for wrong in ["", "nothing we made", &"x".repeat(5_000)] {
        assert_eq!(
            story.refresh(&Secret::new(wrong)).await.unwrap_err(),
            ErrorKind::Unauthenticated
        );
    }
    story.clock.advance_ms(2_592_000_000);
    assert_eq!(story.refresh(&token).await.unwrap_err(), ErrorKind::Unauthenticated);
    story.register("eve@example.com").await;
    run_due_jobs(&story.platform).await.unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from refresh_tokens")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 1, "expired tokens are removed");
}

async fn signing_out_ends_the_family(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await;
    let elsewhere = story.login("ada@example.com", "correct horse", HOME).await.unwrap();
    let second = story.refresh(&first.refresh_token).await.unwrap();
    for token in [
        &second.refresh_token,
        &second.refresh_token,
        &Secret::new("unknown"),
        &Secret::new(""),
    ] {
        logout(&story.anonymous(), token).await.unwrap();
    }
    assert_eq!(
        story.refresh(&second.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.refresh(&elsewhere.refresh_token).await.unwrap();
}
