//! Hosts and their channels on both databases.

use super::*;
use crate::sessions::{self, NewSession};
use crate::shows::{self, NewShow};
use crate::testing::{self, Clock, Database};
use crate::{Caller, ErrorKind, Page, Platform, on_both_databases};

on_both_databases!(
    a_host_has_one_channel_however_many_are_given_at_once,
    the_same_again_changes_nothing,
    only_the_pair_that_is_there_is_parted,
    the_session_of_a_host_who_loses_his_channel_ends,
    closed_accounts_and_strangers_get_no_channel,
    whoever_gets_a_channel_is_a_host,
);

struct Story {
    clock: Clock,
    platform: Platform,
    channel_id: String,
    ada: Caller,
    bob: Caller,
}

impl Story {
    async fn begin(database: &Database) -> Self {
        let clock = Clock::new();
        let platform = database.platform(&clock).await;
        Self {
            channel_id: testing::channel(&platform, "Main Stage").await,
            ada: testing::person(&platform, "ada", &[Role::Host]).await,
            bob: testing::person(&platform, "bob", &[Role::Host]).await,
            clock,
            platform,
        }
    }

    fn system(&self) -> Context {
        self.platform.context(Caller::System)
    }

    async fn assign(&self, host: &Caller) -> Result<Assignment, Error> {
        assign(&self.system(), &self.channel_id, &to(host)).await
    }

    async fn notices(&self, host: &Caller) -> Vec<String> {
        let list = notifications::list(&self.platform.context(host.clone()), Page::default())
            .await
            .unwrap();
        list.notifications.into_iter().map(|notice| notice.kind).collect()
    }

    /// What watchers of all channels were told last.
    async fn told_last(&self) -> serde_json::Value {
        let text =
            "select payload from events where topic = 'channels' and kind = 'channel_update' order by seq desc limit 1";
        let (payload,): (String,) = sqlx::query_as(text).fetch_one(self.platform.db().read()).await.unwrap();
        serde_json::from_str(&payload).unwrap()
    }

    async fn lines(&self, action: &str) -> usize {
        let lines = audit::about(self.platform.db(), &topic(&self.channel_id))
            .await
            .unwrap();
        lines.iter().filter(|line| line.action == action).count()
    }
}

fn to(host: &Caller) -> AssignTo {
    AssignTo::UserId(id_of(host).to_owned())
}

fn id_of(host: &Caller) -> &str {
    host.id().unwrap()
}

async fn a_host_has_one_channel_however_many_are_given_at_once(database: Database) {
    let story = Story::begin(&database).await;
    let other = if database.is_shared() {
        database.platform(&story.clock).await
    } else {
        story.platform.clone()
    };
    let mut asked = tokio::task::JoinSet::new();
    for index in 0..8 {
        let platform = if index % 2 == 0 {
            story.platform.clone()
        } else {
            other.clone()
        };
        let channel_id = testing::channel(&platform, &format!("Stage {index}")).await;
        let to = to(&story.ada);
        asked.spawn(async move { assign(&platform.context(Caller::System), &channel_id, &to).await });
    }
    let answers = asked.join_all().await;
    let given: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(given.len(), 1, "{answers:?}");
    assert_eq!(
        of_host(story.platform.db().read(), id_of(&story.ada))
            .await
            .unwrap()
            .as_ref(),
        Some(given[0])
    );
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!((&error.kind, &*error.message), (&ErrorKind::Conflict, HAS_ANOTHER));
        assert_eq!(error.facts, [("channelId", given[0].channel_id.as_str().into())]);
    }
    assert_eq!(story.notices(&story.ada).await, ["channel_assigned"]);
}

async fn the_same_again_changes_nothing(database: Database) {
    let story = Story::begin(&database).await;
    let first = story.assign(&story.ada).await.unwrap();
    story.clock.advance_ms(60_000);
    assert_eq!(story.assign(&story.ada).await.unwrap(), first);
    let by_mail = AssignTo::Email("ADA@example.com".into());
    assert_eq!(
        assign(&story.system(), &story.channel_id, &by_mail).await.unwrap(),
        first
    );
    assert_eq!(
        (
            story.notices(&story.ada).await.len(),
            story.lines("channels.assign").await
        ),
        (1, 1)
    );
    let told = story.told_last().await;
    assert_eq!(
        told["hosts"],
        serde_json::json!([{ "hostUserId": id_of(&story.ada), "name": "ada" }])
    );
    assert_eq!(told["state"], "IDLE");
}

async fn only_the_pair_that_is_there_is_parted(database: Database) {
    let story = Story::begin(&database).await;
    let other = testing::channel(&story.platform, "Second Stage").await;
    story.assign(&story.ada).await.unwrap();
    for (channel_id, host) in [(&other, &story.ada), (&story.channel_id, &story.bob)] {
        let error = unassign(&story.system(), channel_id, id_of(host)).await.unwrap_err();
        assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, NOT_ASSIGNED));
    }
    unassign(&story.system(), &story.channel_id, id_of(&story.ada))
        .await
        .unwrap();
    assert_eq!(
        of_host(story.platform.db().read(), id_of(&story.ada)).await.unwrap(),
        None
    );
    assert_eq!(
        (
            story.lines("channels.unassign").await,
            story.told_last().await["hosts"].clone()
        ),
        (1, serde_json::json!([]))
    );
    // He may have another now.
    assert!(assign(&story.system(), &other, &to(&story.ada)).await.is_ok());
}

async fn the_session_of_a_host_who_loses_his_channel_ends(database: Database) {
    let story = Story::begin(&database).await;
    story.assign(&story.ada).await.unwrap();
    story.assign(&story.bob).await.unwrap();
    let ctx = story.platform.context(story.ada.clone());
    let show = NewShow {
        title: "Morning show".into(),
        description: None,
    };
    let show_id = shows::create(&ctx, show).await.unwrap().id;
    let new = NewSession {
        show_id: Some(show_id),
        episode_id: None,
    };
    let session = sessions::create(&ctx, new).await.unwrap();
    // Somebody else's leaving changes nothing about it.
    unassign(&story.system(), &story.channel_id, id_of(&story.bob))
        .await
        .unwrap();
    assert_eq!(story.told_last().await["currentSessionId"], session.session.id.as_str());
    unassign(&story.system(), &story.channel_id, id_of(&story.ada))
        .await
        .unwrap();
    let told = story.told_last().await;
    assert_eq!(
        (&told["state"], &told["currentSessionId"]),
        (&"IDLE".into(), &serde_json::Value::Null)
    );
    let channel = crate::channels::find(story.platform.db().read(), &story.channel_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((channel.claim, channel.sessions_ended), (None, 1));
}

async fn closed_accounts_and_strangers_get_no_channel(database: Database) {
    let story = Story::begin(&database).await;
    let mut tx = story.platform.db().begin().await.unwrap();
    sqlx::query("update accounts set closed_at_ms = 1 where id = $1")
        .bind(id_of(&story.ada))
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for stranger in [
        to(&story.ada),
        AssignTo::Email("ada@example.com".into()),
        to(&testing::account("eve")),
    ] {
        let error = assign(&story.system(), &story.channel_id, &stranger).await.unwrap_err();
        assert_eq!((error.kind, &*error.message), (ErrorKind::NotFound, NO_USER));
    }
    let error = assign(
        &story.platform.context(story.bob.clone()),
        &story.channel_id,
        &to(&story.bob),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    let found = accounts::find_by_email(&story.system(), "ada@example.com")
        .await
        .unwrap();
    assert!(!found.is_open, "admins see that it is closed");
}

async fn whoever_gets_a_channel_is_a_host(database: Database) {
    let story = Story::begin(&database).await;
    let cleo = testing::person(&story.platform, "cleo", &[Role::Member]).await;
    let as_cleo = story.platform.context(cleo.clone());
    let show = || NewShow {
        title: "Morning".to_owned(),
        description: None,
    };
    let early = shows::create(&as_cleo, show()).await.unwrap_err();
    assert_eq!(early.kind, ErrorKind::Forbidden);
    story.assign(&cleo).await.unwrap();
    let account = accounts::list_accounts(&story.system(), Page::default()).await.unwrap();
    let account = account.into_iter().find(|account| account.id == id_of(&cleo)).unwrap();
    assert_eq!(account.roles, [Role::Host, Role::Member]);
    // Also with a token from before.
    shows::create(&as_cleo, show()).await.unwrap();
}
