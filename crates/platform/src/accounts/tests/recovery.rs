//! Passwords that are forgotten, missing or to be changed.

use super::*;
use crate::accounts::recovery::SendResetLink;
use crate::jobs::Job as _;

on_both_databases!(
    a_link_sets_a_password_once,
    asking_for_a_link_is_the_same_for_everybody,
    a_link_is_good_for_an_hour,
    the_last_link_is_the_one_that_counts,
    a_job_that_runs_again_sends_and_revives_nothing,
    a_link_gives_a_password_to_an_account_without_one,
    changing_the_password_ends_everything_else,
    the_current_password_must_be_right,
    of_two_changes_at_once_one_counts,
    a_name_is_changed_by_its_owner,
);

const ADA: &str = "ada@example.com";

impl Story {
    /// Asks for a link and waits for the mail; the token in it, if one was sent.
    async fn link(&self, email: &str) -> Option<Secret> {
        self.clock.advance_ms(1);
        forgot_password(&self.anonymous(), email, HOME).await.unwrap();
        run_due_jobs(&self.platform).await.unwrap();
        self.token_in_the_last_mail().await
    }

    async fn token_in_the_last_mail(&self) -> Option<Secret> {
        let mails = self.mails(ADA).await;
        let prefix = "https://live.example.com/ui/reset-password#token=";
        let (_, rest) = mails.first()?.text.split_once(prefix)?;
        rest.split_whitespace().next().map(Secret::new)
    }

    async fn reset(&self, token: &Secret, password: &str) -> Result<(), ErrorKind> {
        let done = reset_password(&self.anonymous(), token, &Secret::new(password)).await;
        done.map_err(|error| error.kind)
    }

    async fn change(&self, signed_in: &SignedIn, current: &str, new: &str) -> Result<SignedIn, Error> {
        let input = PasswordChange {
            current: Secret::new(current),
            new: Secret::new(new),
            device: device(HOME),
        };
        change_password(&self.as_owner(signed_in).await, input).await
    }
}

async fn a_link_sets_a_password_once(database: Database) {
    let story = Story::begin(database).await;
    let before = story.register(ADA).await;
    let token = story.link("Ada@Example.com ").await.unwrap();
    let stored: Vec<(String,)> = sqlx::query_as("select hash from password_resets")
        .fetch_all(story.platform.db().read())
        .await
        .unwrap();
    assert_ne!(stored[0].0, token.reveal(), "only its keyed hash is stored");
    assert_eq!(
        story.reset(&token, "short").await.unwrap_err(),
        ErrorKind::Invalid {
            field: "password".into()
        }
    );
    story.reset(&token, "better horse").await.unwrap();
    assert_eq!(
        story.caller(&before.access_token).await,
        Err(ErrorKind::Unauthenticated)
    );
    assert_eq!(
        story.refresh(&before.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.login(ADA, "correct horse", HOME).await.unwrap_err();
    let after = story.login(ADA, "better horse", HOME).await.unwrap();
    assert_eq!(after.account, before.account);
    assert_eq!(
        story.reset(&token, "third horse").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    for wrong in ["", "nonsense", &"x".repeat(10_000)] {
        let refused = story.reset(&Secret::new(wrong), "third horse").await;
        assert_eq!(refused.unwrap_err(), ErrorKind::Unauthenticated);
    }
    let told = story.mails(ADA).await;
    assert!(told.iter().any(|mail| mail.subject == "Your password was changed"));
    let lines = story.audited(&format!("account:{}", before.account.id)).await;
    for action in ["accounts.reset_link_sent", "accounts.password_reset"] {
        assert!(lines.contains(&action.to_owned()), "{lines:?}");
    }
}

async fn asking_for_a_link_is_the_same_for_everybody(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let closed = story.register("closed@example.com").await.account;
    story.close(&closed).await;
    for email in [ADA, "nobody@example.com", "closed@example.com"] {
        forgot_password(&story.anonymous(), email, HOME).await.unwrap();
        assert!(
            story.mails(email).await.is_empty(),
            "nothing is looked up, nothing is sent, before the answer"
        );
    }
    let jobs: Vec<(String, String)> = sqlx::query_as("select key, payload from jobs where name = $1")
        .bind(SendResetLink::NAME)
        .fetch_all(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(jobs.len(), 3);
    assert!(
        jobs.iter()
            .all(|(key, payload)| !format!("{key}{payload}").contains("example.com")),
        "{jobs:?}"
    );
    run_due_jobs(&story.platform).await.unwrap();
    assert_eq!(story.mails(ADA).await.len(), 1);
    for email in ["nobody@example.com", "closed@example.com"] {
        assert!(story.mails(email).await.is_empty(), "{email}");
    }
    let error = forgot_password(&story.anonymous(), "nobody", HOME).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid { field: "email".into() });
}

async fn a_link_is_good_for_an_hour(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let token = story.link(ADA).await.unwrap();
    story.clock.advance_ms(RESET_LIFETIME_MS);
    assert_eq!(
        story.reset(&token, "better horse").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    let token = story.link(ADA).await.unwrap();
    story.clock.advance_ms(RESET_LIFETIME_MS - 1);
    story.reset(&token, "better horse").await.unwrap();
    story.clock.advance_ms(2 * RESET_LIFETIME_MS);
    run_due_jobs(&story.platform).await.unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from password_resets")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

async fn the_last_link_is_the_one_that_counts(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(ADA).await;
    let first = story.link(ADA).await.unwrap();
    let second = story.link(ADA).await.unwrap();
    assert_eq!(
        story.reset(&first, "better horse").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story
        .change(&signed_in, "correct horse", "changed horse")
        .await
        .unwrap();
    let refused = story.reset(&second, "better horse").await.unwrap_err();
    assert_eq!(refused, ErrorKind::Unauthenticated, "a change ends links, too");
}

async fn a_job_that_runs_again_sends_and_revives_nothing(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    forgot_password(&story.anonymous(), ADA, HOME).await.unwrap();
    let (payload,): (String,) = sqlx::query_as("select payload from jobs where name = $1")
        .bind(SendResetLink::NAME)
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    let job: SendResetLink = serde_json::from_str(&payload).unwrap();
    job.run(&story.platform).await.unwrap();
    let token = story.token_in_the_last_mail().await.unwrap();
    job.run(&story.platform).await.unwrap();
    assert_eq!(story.mails(ADA).await.len(), 1);
    story.reset(&token, "better horse").await.unwrap();
    job.run(&story.platform).await.unwrap();
    assert_eq!(
        story.reset(&token, "third horse").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.clock.advance_ms(RESET_LIFETIME_MS);
    job.run(&story.platform).await.unwrap();
    assert_eq!(
        story.reset(&token, "third horse").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
}

async fn a_link_gives_a_password_to_an_account_without_one(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(ADA).await;
    let mut tx = story.platform.db().begin().await.unwrap();
    sqlx::query("update accounts set password_hash = ''")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    story.login(ADA, "correct horse", HOME).await.unwrap_err();
    let error = story.change(&signed_in, "", "better horse").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(!has_password(&story.as_owner(&signed_in).await).await.unwrap());
    let token = story.link(ADA).await.unwrap();
    story.reset(&token, "better horse").await.unwrap();
    let signed_in = story.login(ADA, "better horse", HOME).await.unwrap();
    assert!(has_password(&story.as_owner(&signed_in).await).await.unwrap());
}

async fn changing_the_password_ends_everything_else(database: Database) {
    let story = Story::begin(database).await;
    let stranger = story.register("eve@example.com").await;
    let here = story.register(ADA).await;
    let there = story.login(ADA, "correct horse", address(9)).await.unwrap();
    let copy = here.refresh_token.clone();
    let changed = story.change(&here, "correct horse", "better horse").await.unwrap();
    for token in [&here.access_token, &there.access_token] {
        assert_eq!(story.caller(token).await, Err(ErrorKind::Unauthenticated));
    }
    for token in [&copy, &there.refresh_token] {
        assert_eq!(story.refresh(token).await.unwrap_err(), ErrorKind::Unauthenticated);
    }
    assert_eq!(story.sessions(&changed).await.len(), 1);
    story.refresh(&changed.refresh_token).await.unwrap();
    story.refresh(&stranger.refresh_token).await.unwrap();
    story.login(ADA, "correct horse", HOME).await.unwrap_err();
    story.login(ADA, "better horse", HOME).await.unwrap();
    assert_eq!(story.mails(ADA).await[0].subject, "Your password was changed");
}

async fn the_current_password_must_be_right(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(ADA).await;
    let field = |field: &'static str| ErrorKind::Invalid { field: field.into() };
    let endless = "x".repeat(10_000);
    for (current, new, expected) in [
        ("correct horse", "short", "new_password"),
        ("correct horse", &endless, "new_password"),
        ("wrong horse", "better horse", "current_password"),
        ("", "better horse", "current_password"),
        (&endless, "better horse", "current_password"),
    ] {
        let error = story.change(&signed_in, current, new).await.unwrap_err();
        assert_eq!(error.kind, field(expected));
    }
    for _ in 3..10 {
        story.change(&signed_in, "", "better horse").await.unwrap_err();
    }
    let error = story
        .change(&signed_in, "correct horse", "better horse")
        .await
        .unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::LimitReached { retry_after_s: 30 },
        "a stolen token gives few guesses"
    );
    story.clock.advance_ms(30_000);
    story.change(&signed_in, "correct horse", "better horse").await.unwrap();
}

async fn of_two_changes_at_once_one_counts(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(ADA).await;
    let (one, two) = tokio::join!(
        story.change(&signed_in, "correct horse", "first horse"),
        story.change(&signed_in, "correct horse", "second horse"),
    );
    let kinds: Vec<_> = [&one, &two]
        .into_iter()
        .filter_map(|result| result.as_ref().err().map(|error| error.kind.clone()))
        .collect();
    assert_eq!(kinds, [ErrorKind::Conflict]);
    let password = if one.is_ok() { "first horse" } else { "second horse" };
    story.login(ADA, password, HOME).await.unwrap();
}

async fn a_name_is_changed_by_its_owner(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(ADA).await;
    let renamed = rename(&story.as_owner(&signed_in).await, " Countess ").await.unwrap();
    assert_eq!(renamed.name, "Countess");
    let caller = story.caller(&signed_in.access_token).await.unwrap();
    assert_eq!(caller.name(), Some("Countess"));
    let error = rename(&story.as_owner(&signed_in).await, " ").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid { field: "name".into() });
    assert_eq!(
        rename(&story.anonymous(), "Eve").await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
}
