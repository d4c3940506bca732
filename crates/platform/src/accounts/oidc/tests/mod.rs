//! Stories with an issuer on loopback.

mod bearers;
mod forged;
mod issuer;
mod people;
mod sign_in;

use serde_json::{Value, json};

use super::*;
use crate::accounts::{self, authenticate};
use crate::testing::issuer::{Answer, CLIENT, Issuer, SigningKey, encoded};
use crate::testing::{Clock, Database};
use crate::{Context, ErrorKind, Role, Secret, audit, mail, on_both_databases};

struct Story {
    clock: Clock,
    issuer: Issuer,
    platform: Platform,
    _database: Database,
}

impl Story {
    async fn begin(database: Database) -> Self {
        Self::with(database, |_| {}).await
    }

    async fn with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::new();
        let issuer = Issuer::start(&clock).await;
        let mut config = issuer.config();
        change(&mut config);
        let mut settings = database.config();
        settings.oidc = Some(config);
        let platform = Platform::open(settings, clock.environment()).await.unwrap();
        Self {
            clock,
            issuer,
            platform,
            _database: database,
        }
    }

    fn anonymous(&self) -> Context {
        self.platform.context(Caller::Anonymous)
    }

    /// Whom `token` stands for, looked up afresh.
    async fn caller(&self, token: &str) -> Result<Person, ErrorKind> {
        self.platform.accounts().callers.clear();
        match authenticate(&self.platform, token).await {
            Ok(Caller::Account { id, email, name, roles }) => Ok(Person { id, email, name, roles }),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.kind),
        }
    }

    /// Somebody who registered here with a password.
    async fn local(&self, email: &str, roles: &[Role]) -> accounts::Account {
        let account = accounts::NewAccount {
            email: email.into(),
            password: Secret::new("correct horse"),
            name: "Local".into(),
        };
        let input = accounts::NewUser {
            account,
            roles: roles.to_vec(),
        };
        let system = self.platform.context(Caller::System);
        accounts::create_account(&system, input).await.unwrap()
    }

    async fn login(&self, email: &str) -> Result<accounts::SignedIn, ErrorKind> {
        let input = accounts::Login {
            email: email.into(),
            password: Secret::new("correct horse"),
            device: device(1),
        };
        accounts::login(&self.anonymous(), input)
            .await
            .map_err(|error| error.kind)
    }

    async fn close(&self, id: &str) {
        let mut tx = self.platform.db().begin().await.unwrap();
        let statement = sqlx::query("update accounts set closed_at_ms = 1 where id = $1").bind(id);
        statement.execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn count(&self, text: &'static str) -> i64 {
        let (count,): (i64,) = sqlx::query_as(text).fetch_one(self.platform.db().read()).await.unwrap();
        count
    }
}

fn device(last: u8) -> accounts::Device {
    accounts::Device {
        address: [192, 0, 2, last].into(),
        user_agent: "browser".into(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    id: String,
    email: String,
    name: String,
    roles: Vec<Role>,
}
