//! Signing up and in with codes from the mailbox.

use super::*;

on_both_databases!(
    a_code_makes_an_account_without_a_password,
    a_code_signs_in,
    signing_up_with_an_address_that_has_an_account_signs_in,
    only_the_mailbox_says_whether_there_is_an_account,
    session_address_challenge_and_code_must_match,
    five_wrong_codes_end_a_code,
    guesses_at_once_are_counted_one_by_one,
    a_code_is_good_for_ten_minutes,
    of_two_who_use_a_code_at_once_one_gets_in,
    another_code_ends_the_one_before,
    a_mailbox_is_not_flooded,
    a_network_address_cannot_mail_the_world,
    without_mail_there_are_no_codes,
    old_attempts_are_removed,
);

const ADA: &str = "ada@example.com";

impl Story {
    async fn request(&self, email: &str, challenge: Challenge) -> Result<Secret, ErrorKind> {
        let input = CodeRequest {
            email: email.into(),
            challenge,
            name: Some("Ada Lovelace".into()),
            remote: HOME,
        };
        request_code(&self.anonymous(), input).await.map_err(|error| error.kind)
    }

    async fn resend(&self, email: &str, session: Option<&Secret>) -> Result<(), ErrorKind> {
        let input = ResendRequest {
            email: email.into(),
            session: session.cloned(),
            remote: HOME,
        };
        resend_code(&self.anonymous(), input).await.map_err(|error| error.kind)
    }

    async fn verify(&self, session: &Secret, code: &str, challenge: Challenge) -> Result<SignedIn, ErrorKind> {
        self.verify_as(ADA, session, code, challenge).await
    }

    async fn verify_as(
        &self,
        email: &str,
        session: &Secret,
        code: &str,
        challenge: Challenge,
    ) -> Result<SignedIn, ErrorKind> {
        let verified = verify_code(&self.anonymous(), answer(email, session, code, challenge)).await;
        verified.map_err(|error| {
            if error.kind == ErrorKind::Unauthenticated {
                assert_eq!(error.message, "Invalid or expired code");
            }
            error.kind
        })
    }

    /// The code in the last mail to an address.
    async fn code(&self, email: &str) -> Option<String> {
        let mails = self.mails(email).await;
        let text = mails.first().map(|mail| mail.text.clone()).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("    "));
        line.map(str::to_owned)
    }
}

fn answer(email: &str, session: &Secret, code: &str, challenge: Challenge) -> CodeAnswer {
    CodeAnswer {
        email: email.into(),
        code: Secret::new(code),
        session: session.clone(),
        challenge,
        name: None,
        device: device(HOME),
    }
}

/// A code that is not `code`.
fn wrong(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

async fn a_code_makes_an_account_without_a_password(database: Database) {
    let story = Story::begin(database).await;
    let session = story.request(" Ada@Example.com", Challenge::SignUp).await.unwrap();
    assert_eq!(session.reveal().len(), 43);
    let mail = story.mails(ADA).await.remove(0);
    let code = story.code(ADA).await.unwrap();
    assert!(
        code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
        "{code}"
    );
    assert!(!mail.subject.contains(&code) && mail.html.contains(&code));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let signed_in = story.verify(&session, &spaced, Challenge::SignUp).await.unwrap();
    let account = &signed_in.account;
    assert_eq!(
        (account.email.as_str(), account.name.as_str(), account.roles.as_slice()),
        (ADA, "Ada Lovelace", [Role::Member].as_slice())
    );
    assert_eq!(story.sessions(&signed_in).await.len(), 1);
    assert!(!has_password(&story.as_owner(&signed_in).await).await.unwrap());
    for password in ["", "correct horse", &code] {
        let error = story.login(ADA, password, HOME).await.unwrap_err();
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::Unauthenticated, "Invalid email or password")
        );
    }
    let replayed = story.verify(&session, &code, Challenge::SignUp).await.unwrap_err();
    assert_eq!(replayed, ErrorKind::Unauthenticated);
    let stored: Vec<(String, String)> = sqlx::query_as("select session, code_hash from sign_in_codes")
        .fetch_all(story.platform.db().read())
        .await
        .unwrap();
    assert!(stored.is_empty(), "nothing is left of it");
}

async fn a_code_signs_in(database: Database) {
    let story = Story::begin(database).await;
    let account = story.register(ADA).await.account;
    let session = story.request(ADA, Challenge::SignIn).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    let (stored,): (String,) = sqlx::query_as("select code_hash from sign_in_codes")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert!(
        !stored.contains(&code) && stored.len() == 43,
        "only its keyed hash is stored"
    );
    let signed_in = story.verify(&session, &code, Challenge::SignIn).await.unwrap();
    assert_eq!(signed_in.account, account);
    story.caller(&signed_in.access_token).await.unwrap();
    story.refresh(&signed_in.refresh_token).await.unwrap();
    story.login(ADA, "correct horse", HOME).await.unwrap();
    let lines = story.audited(&format!("account:{}", account.id)).await;
    assert_eq!(lines.iter().filter(|action| *action == "accounts.login").count(), 2);
    assert!(lines.contains(&"accounts.code_requested".to_owned()));
}

async fn signing_up_with_an_address_that_has_an_account_signs_in(database: Database) {
    let story = Story::begin(database).await;
    let account = story.register(ADA).await.account;
    let session = story.request(ADA, Challenge::SignUp).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    let signed_in = story.verify(&session, &code, Challenge::SignUp).await.unwrap();
    assert_eq!(signed_in.account, account, "name, roles and all");
}

async fn only_the_mailbox_says_whether_there_is_an_account(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let closed = story.register("closed@example.com").await.account;
    story.close(&closed).await;
    let mut seen = Vec::new();
    for email in [ADA, "nobody@example.com", "closed@example.com"] {
        let session = story.request(email, Challenge::SignIn).await.unwrap();
        assert_eq!(session.reveal().len(), 43);
        let guess = story
            .verify_as(email, &session, "", Challenge::SignIn)
            .await
            .unwrap_err();
        let resend_soon = story.resend(email, Some(&session)).await.unwrap_err();
        story.clock.advance_ms(RESEND_PAUSE_MS);
        let resend_late = story.resend(email, Some(&session)).await;
        let rows: (i64, i64) = sqlx::query_as("select tries, expires_at_ms from sign_in_codes where email = $1")
            .bind(email)
            .fetch_one(story.platform.db().read())
            .await
            .unwrap();
        let lifetime_ms = rows.1 - story.clock.now_ms();
        seen.push((
            guess,
            resend_soon,
            resend_late,
            rows.0,
            lifetime_ms,
            story.mails(email).await.len(),
        ));
    }
    let expected = (
        ErrorKind::Unauthenticated,
        ErrorKind::LimitReached { retry_after_s: 30 },
        Ok(()),
        0,
        CODE_LIFETIME_MS,
        2,
    );
    assert_eq!(seen, [expected.clone(), expected.clone(), expected]);
    assert!(story.code(ADA).await.is_some());
    for email in ["nobody@example.com", "closed@example.com"] {
        assert_eq!(story.code(email).await, None, "{email}");
        assert!(story.mails(email).await[0].text.contains("There is no account"));
    }
    let session = story.request("closed@example.com", Challenge::SignUp).await.unwrap();
    assert_eq!(
        story.code("closed@example.com").await,
        None,
        "a closed account is not opened by signing up"
    );
    let refused = story
        .verify_as("closed@example.com", &session, "", Challenge::SignUp)
        .await;
    assert_eq!(refused.unwrap_err(), ErrorKind::Unauthenticated);
    assert_eq!(
        story.request("not an address", Challenge::SignIn).await.unwrap_err(),
        ErrorKind::Invalid { field: "email".into() }
    );
}

async fn session_address_challenge_and_code_must_match(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    story.register("eve@example.com").await;
    let adas = story.request(ADA, Challenge::SignIn).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    let eves = story.request("eve@example.com", Challenge::SignIn).await.unwrap();
    let nothing = Secret::new("");
    let endless = Secret::new("x".repeat(10_000));
    for (why, email, session, code, challenge) in [
        ("eve's session", ADA, &eves, code.as_str(), Challenge::SignIn),
        ("eve's address", "eve@example.com", &adas, &code, Challenge::SignIn),
        ("eve's both", "eve@example.com", &eves, &code, Challenge::SignIn),
        ("another challenge", ADA, &adas, &code, Challenge::SignUp),
        ("no session", ADA, &nothing, &code, Challenge::SignIn),
        ("an endless session", ADA, &endless, &code, Challenge::SignIn),
        ("no address", "", &adas, &code, Challenge::SignIn),
        ("another code", ADA, &adas, &wrong(&code, 1), Challenge::SignIn),
        ("more than the code", ADA, &adas, &format!("{code}0"), Challenge::SignIn),
        ("an endless code", ADA, &adas, &code.repeat(1_000), Challenge::SignIn),
    ] {
        let refused = story.verify_as(email, session, code, challenge).await;
        assert_eq!(refused.unwrap_err(), ErrorKind::Unauthenticated, "{why}");
    }
    story.verify(&adas, &code, Challenge::SignIn).await.unwrap();
}

async fn five_wrong_codes_end_a_code(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let session = story.request(ADA, Challenge::SignIn).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    for by in 1..=5 {
        let guess = story.verify(&session, &wrong(&code, by), Challenge::SignIn).await;
        assert_eq!(guess.unwrap_err(), ErrorKind::Unauthenticated);
    }
    let right = story.verify(&session, &code, Challenge::SignIn).await;
    assert_eq!(right.unwrap_err(), ErrorKind::Unauthenticated, "too late");
    story.clock.advance_ms(RESEND_PAUSE_MS);
    story.resend(ADA, Some(&session)).await.unwrap();
    let next = story.code(ADA).await.unwrap();
    for by in 1..5 {
        story
            .verify(&session, &wrong(&next, by), Challenge::SignIn)
            .await
            .unwrap_err();
    }
    story.verify(&session, &next, Challenge::SignIn).await.unwrap();
}

async fn guesses_at_once_are_counted_one_by_one(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let session = story.request(ADA, Challenge::SignIn).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    let guesses = (1..=20).map(|by| {
        let (ctx, input) = (
            story.anonymous(),
            answer(ADA, &session, &wrong(&code, by), Challenge::SignIn),
        );
        tokio::spawn(async move { verify_code(&ctx, input).await.map(|_| ()) })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert_eq!(guess.await.unwrap().unwrap_err().kind, ErrorKind::Unauthenticated);
    }
    let (tries,): (i64,) = sqlx::query_as("select tries from sign_in_codes")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(tries, TRIES_MAX);
    story.verify(&session, &code, Challenge::SignIn).await.unwrap_err();
}

async fn a_code_is_good_for_ten_minutes(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let session = story.request(ADA, Challenge::SignIn).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    story.clock.advance_ms(CODE_LIFETIME_MS);
    let late = story.verify(&session, &code, Challenge::SignIn).await;
    assert_eq!(late.unwrap_err(), ErrorKind::Unauthenticated);
    story.resend(ADA, Some(&session)).await.unwrap();
    let code = story.code(ADA).await.unwrap();
    story.clock.advance_ms(CODE_LIFETIME_MS - 1);
    story.verify(&session, &code, Challenge::SignIn).await.unwrap();
}

async fn of_two_who_use_a_code_at_once_one_gets_in(database: Database) {
    let story = Story::begin(database).await;
    for (email, challenge) in [(ADA, Challenge::SignUp), (ADA, Challenge::SignIn)] {
        story.clock.advance_ms(1);
        let session = story.request(email, challenge).await.unwrap();
        let code = story.code(email).await.unwrap();
        let attempts = (0..4).map(|_| {
            let (ctx, input) = (story.anonymous(), answer(email, &session, &code, challenge));
            tokio::spawn(async move { verify_code(&ctx, input).await.map_err(|error| error.kind) })
        });
        let mut in_count = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(signed_in) => {
                    in_count += 1;
                    story.caller(&signed_in.access_token).await.unwrap();
                }
                Err(kind) => assert_eq!(kind, ErrorKind::Unauthenticated),
            }
        }
        assert_eq!(in_count, 1, "{challenge:?}");
    }
    assert_eq!(list_accounts(&story.system(), Page::default()).await.unwrap().len(), 1);
}

async fn another_code_ends_the_one_before(database: Database) {
    let story = Story::begin(database).await;
    story.register(ADA).await;
    let session = story.request(ADA, Challenge::SignIn).await.unwrap();
    let first = story.code(ADA).await.unwrap();
    story.clock.advance_ms(RESEND_PAUSE_MS - 1);
    let soon = story.resend(ADA, None).await.unwrap_err();
    assert_eq!(soon, ErrorKind::LimitReached { retry_after_s: 1 });
    story.clock.advance_ms(1);
    // A client of the first version names the address alone.
    story.resend("ADA@example.com", None).await.unwrap();
    let second = story.code(ADA).await.unwrap();
    assert_ne!(first, second);
    story.verify(&session, &first, Challenge::SignIn).await.unwrap_err();
    story.verify(&session, &second, Challenge::SignIn).await.unwrap();
    story.clock.advance_ms(RESEND_PAUSE_MS);
    story.resend(ADA, Some(&session)).await.unwrap();
    assert_eq!(
        story.mails(ADA).await.len(),
        2,
        "a used attempt gets no further code, and nobody is told"
    );
}

async fn a_mailbox_is_not_flooded(database: Database) {
    let is_shared = database.is_shared();
    let story = Story::begin(database).await;
    for _ in 0..2 {
        story.request(ADA, Challenge::SignUp).await.unwrap();
    }
    forgot_password(&story.anonymous(), ADA, HOME).await.unwrap();
    story.clock.advance_ms(RESEND_PAUSE_MS);
    story.resend(ADA, None).await.unwrap();
    story.clock.advance_ms(RESEND_PAUSE_MS);
    story.resend(ADA, None).await.unwrap();
    let refused = ErrorKind::LimitReached { retry_after_s: 3540 };
    assert_eq!(story.request(ADA, Challenge::SignIn).await.unwrap_err(), refused);
    assert_eq!(story.resend(ADA, None).await.unwrap_err(), refused);
    let forgot = forgot_password(&story.anonymous(), ADA, HOME).await.unwrap_err();
    assert_eq!(forgot.kind, refused);
    if is_shared {
        let other = story.database.platform(&story.clock).await;
        let error = forgot_password(&other.context(Caller::Anonymous), ADA, HOME)
            .await
            .unwrap_err();
        assert_eq!(error.kind, refused, "all processes count together");
    }
    story.request("eve@example.com", Challenge::SignUp).await.unwrap();
    story.clock.advance_ms(3_540_000);
    story.request(ADA, Challenge::SignUp).await.unwrap();
    assert_eq!(story.mails(ADA).await.len(), 5);
}

async fn a_network_address_cannot_mail_the_world(database: Database) {
    let story = Story::begin(database).await;
    for victim in 0..50 {
        let email = format!("victim{victim}@example.com");
        story.request(&email, Challenge::SignIn).await.unwrap();
    }
    let refused = story
        .request("another@example.com", Challenge::SignIn)
        .await
        .unwrap_err();
    assert_eq!(refused, ErrorKind::LimitReached { retry_after_s: 60 });
    let input = CodeRequest {
        email: ADA.into(),
        challenge: Challenge::SignUp,
        name: None,
        remote: address(1),
    };
    request_code(&story.anonymous(), input).await.unwrap();
}

async fn without_mail_there_are_no_codes(database: Database) {
    let mut config = database.config();
    config.mail.delivery = mail::Delivery::Off;
    let clock = Clock::new();
    let platform = Platform::open(config, clock.environment()).await.unwrap();
    let story = Story {
        clock,
        platform,
        database,
    };
    let unavailable = ErrorKind::Unavailable { retry_after_s: 3600 };
    assert_eq!(story.request(ADA, Challenge::SignUp).await.unwrap_err(), unavailable);
    assert_eq!(story.resend(ADA, None).await.unwrap_err(), unavailable);
    let error = forgot_password(&story.anonymous(), ADA, HOME).await.unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (unavailable, "E-mail is not set up on this server")
    );
}

async fn old_attempts_are_removed(database: Database) {
    let story = Story::begin(database).await;
    story.request(ADA, Challenge::SignUp).await.unwrap();
    story.clock.advance_ms(3_600_000);
    story.request("eve@example.com", Challenge::SignUp).await.unwrap();
    run_due_jobs(&story.platform).await.unwrap();
    let emails: Vec<(String,)> = sqlx::query_as("select email from sign_in_codes")
        .fetch_all(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(emails, [("eve@example.com".to_owned(),)]);
    let (counted,): (i64,) = sqlx::query_as("select count(*) from account_mailings")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(counted, 1);
}
