//! Stories of people and programs, on both databases.

mod admins;
mod codes;
mod recovery;
mod roles;
mod sessions;
mod signing_in;
mod staying;

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::testing::{Clock, Database, run_due_jobs};
use crate::{Caller, Context, ErrorKind, Page, Platform, Role, Secret, audit, mail, on_both_databases};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

struct Story {
    clock: Clock,
    platform: Platform,
    database: Database,
}

impl Story {
    async fn begin(database: Database) -> Self {
        let clock = Clock::new();
        let platform = database.platform(&clock).await;
        Self {
            clock,
            platform,
            database,
        }
    }

    fn anonymous(&self) -> Context {
        self.platform.context(Caller::Anonymous)
    }

    fn system(&self) -> Context {
        self.platform.context(Caller::System)
    }

    async fn register(&self, email: &str) -> SignedIn {
        register(&self.anonymous(), person(email), &device(HOME)).await.unwrap()
    }

    async fn login(&self, email: &str, password: &str, remote: IpAddr) -> Result<SignedIn, Error> {
        let input = Login {
            email: email.into(),
            password: Secret::new(password),
            device: device(remote),
        };
        login(&self.anonymous(), input).await
    }

    async fn caller(&self, token: &Secret) -> Result<Caller, ErrorKind> {
        authenticate(&self.platform, token.reveal())
            .await
            .map_err(|error| error.kind)
    }

    async fn refresh(&self, token: &Secret) -> Result<SignedIn, ErrorKind> {
        refresh(&self.anonymous(), token, &device(HOME))
            .await
            .map_err(|error| error.kind)
    }

    async fn as_owner(&self, signed_in: &SignedIn) -> Context {
        let caller = self.caller(&signed_in.access_token).await.unwrap();
        self.platform.context(caller)
    }

    async fn sessions(&self, signed_in: &SignedIn) -> Vec<Session> {
        list_sessions(&self.as_owner(signed_in).await).await.unwrap()
    }

    fn session_of(&self, token: &Secret) -> Option<String> {
        session_of(&self.platform, token.reveal())
    }

    /// The mails to an address, newest first.
    async fn mails(&self, email: &str) -> Vec<mail::Kept> {
        let kept = mail::kept(&self.system()).await.unwrap().unwrap();
        kept.into_iter().filter(|mail| mail.to == email).collect()
    }

    async fn close(&self, account: &Account) {
        let mut tx = self.platform.db().begin().await.unwrap();
        sqlx::query("update accounts set closed_at_ms = 1 where id = $1")
            .bind(&account.id)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn audited(&self, target: &str) -> Vec<String> {
        audit::about(self.platform.db(), target)
            .await
            .unwrap()
            .into_iter()
            .map(|line| line.action)
            .collect()
    }
}

fn person(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        password: Secret::new("correct horse"),
        name: "Ada".into(),
    }
}

fn device(address: IpAddr) -> Device {
    Device {
        address,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".into(),
    }
}

fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, last))
}
