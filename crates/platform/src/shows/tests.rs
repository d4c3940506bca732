use super::*;
use crate::testing::{Clock, Database, account};
use crate::{Caller, ErrorKind, Platform, on_both_databases};

on_both_databases!(
    a_show_is_its_hosts_and_comes_first_in_the_list,
    only_hosts_announce,
    what_is_entered_is_bounded
);

fn host(platform: &Platform, id: &str) -> Context {
    let Caller::Account { id, email, name, .. } = account(id) else {
        unreachable!("accounts have an id")
    };
    platform.context(Caller::Account {
        id,
        email,
        name,
        roles: vec![Role::Host],
    })
}

fn titled(title: &str) -> NewShow {
    NewShow {
        title: title.to_owned(),
        description: Some("  ".to_owned()),
    }
}

async fn a_show_is_its_hosts_and_comes_first_in_the_list(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let ann = create(&host(&platform, "ann"), titled(" Morning ")).await.unwrap();
    clock.advance_ms(1);
    let bea = create(&host(&platform, "bea"), titled("Evening")).await.unwrap();
    assert_eq!(
        (ann.title.as_str(), ann.description.as_ref(), ann.host_user_id.as_str()),
        ("Morning", None, "ann")
    );
    let all = list(&host(&platform, "ann"), false, Page::default()).await.unwrap();
    assert_eq!((all.shows, all.total), (vec![bea.clone(), ann.clone()], 2));
    let mine = list(&host(&platform, "ann"), true, Page::default()).await.unwrap();
    assert_eq!((mine.shows, mine.total), (vec![ann.clone()], 1));
    let second = list(&host(&platform, "ann"), false, Page::new(Some(1), Some(1)).unwrap())
        .await
        .unwrap();
    assert_eq!((second.shows, second.total), (vec![ann.clone()], 2));
    assert_eq!(find(platform.db().read(), &ann.id).await.unwrap(), Some(ann));
    assert_eq!(find(platform.db().read(), "nothing").await.unwrap(), None);
}

async fn only_hosts_announce(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    for (caller, kind) in [
        (account("ann"), ErrorKind::Forbidden),
        (Caller::Anonymous, ErrorKind::Unauthenticated),
    ] {
        let refused = create(&platform.context(caller), titled("Morning")).await.unwrap_err();
        assert_eq!(refused.kind, kind);
    }
}

async fn what_is_entered_is_bounded(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    let host = host(&platform, "ann");
    let long = |title: usize, description: usize| NewShow {
        title: "é".repeat(title),
        description: Some("é".repeat(description)),
    };
    for (new, field) in [
        (titled("  "), "title"),
        (titled("a\0b"), "title"),
        (long(TITLE_LEN_MAX + 1, 1), "title"),
        (long(1, DESCRIPTION_LEN_MAX + 1), "description"),
    ] {
        let refused = create(&host, new).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid { field: field.into() });
    }
    create(&host, long(TITLE_LEN_MAX, DESCRIPTION_LEN_MAX)).await.unwrap();
}
