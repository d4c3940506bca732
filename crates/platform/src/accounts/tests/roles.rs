//! Who may do what, changed later.

use super::*;

on_both_databases!(
    an_admin_changes_roles_and_they_count_at_once,
    somebody_always_administrates,
    of_two_admins_who_depose_each_other_one_remains,
    people_are_found_by_parts_of_name_and_address,
);

async fn add(story: &Story, email: &str, name: &str, roles: &[Role]) -> Account {
    let account = NewAccount {
        name: name.into(),
        ..person(email)
    };
    let input = NewUser {
        account,
        roles: roles.to_vec(),
    };
    story.clock.advance_ms(1);
    create_account(&story.system(), input).await.unwrap()
}

async fn signed_in(story: &Story, email: &str) -> (SignedIn, Context) {
    let signed_in = story.login(email, "correct horse", HOME).await.unwrap();
    let ctx = story.as_owner(&signed_in).await;
    (signed_in, ctx)
}

async fn an_admin_changes_roles_and_they_count_at_once(database: Database) {
    let story = Story::begin(database).await;
    add(&story, "root@example.com", "Root", &[Role::Admin]).await;
    let ada = add(&story, "ada@example.com", "Ada", &[Role::Member]).await;
    let (_, as_root) = signed_in(&story, "root@example.com").await;
    let (ada_in, as_ada) = signed_in(&story, "ada@example.com").await;
    let changed = set_roles(&as_root, &ada.id, vec![Role::Member, Role::Host, Role::Host])
        .await
        .unwrap();
    assert_eq!(changed.roles, [Role::Host, Role::Member]);
    let caller = story.caller(&ada_in.access_token).await.unwrap();
    assert!(caller.has_role(Role::Host), "with the token it had before");
    set_roles(&as_root, &ada.id, changed.roles).await.unwrap();
    let lines = audit::about(story.platform.db(), &format!("account:{}", ada.id))
        .await
        .unwrap();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "accounts.roles_changed")
        .collect();
    assert_eq!(told.len(), 1, "no change, no line");
    assert_eq!(told[0].detail.as_deref(), Some("host, member instead of member"));
    let refused =
        async |ctx: &Context, id: &str, roles: &[Role]| set_roles(ctx, id, roles.to_vec()).await.unwrap_err().kind;
    assert_eq!(refused(&as_ada, &ada.id, &[Role::Admin]).await, ErrorKind::Forbidden);
    assert_eq!(
        refused(&story.anonymous(), &ada.id, &[Role::Admin]).await,
        ErrorKind::Unauthenticated
    );
    assert_eq!(
        refused(&as_root, &ada.id, &[]).await,
        ErrorKind::Invalid { field: "roles".into() }
    );
    assert_eq!(refused(&as_root, "nobody", &[Role::Host]).await, ErrorKind::NotFound);
    story.close(&ada).await;
    assert_eq!(refused(&as_root, &ada.id, &[Role::Admin]).await, ErrorKind::NotFound);
}

async fn somebody_always_administrates(database: Database) {
    let story = Story::begin(database).await;
    let root = add(&story, "root@example.com", "Root", &[Role::Admin]).await;
    let (_, as_root) = signed_in(&story, "root@example.com").await;
    let error = set_roles(&as_root, &root.id, vec![Role::Host]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    let second = add(&story, "second@example.com", "Second", &[Role::Admin]).await;
    story.close(&second).await;
    let error = set_roles(&as_root, &root.id, vec![Role::Host]).await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Conflict,
        "a closed account administrates nothing"
    );
    add(&story, "third@example.com", "Third", &[Role::Admin]).await;
    let changed = set_roles(&as_root, &root.id, vec![Role::Host]).await.unwrap();
    assert_eq!(changed.roles, [Role::Host], "an admin may step back");
}

async fn of_two_admins_who_depose_each_other_one_remains(database: Database) {
    let story = Story::begin(database).await;
    let one = add(&story, "one@example.com", "One", &[Role::Admin]).await;
    let other = add(&story, "other@example.com", "Other", &[Role::Member]).await;
    let system = story.system();
    for round in 0..20 {
        for account in [&one, &other] {
            set_roles(&system, &account.id, vec![Role::Admin]).await.unwrap();
        }
        let depose = |account: &Account| {
            let (ctx, id) = (story.system(), account.id.clone());
            tokio::spawn(async move {
                set_roles(&ctx, &id, vec![Role::Member])
                    .await
                    .map_err(|error| error.kind)
            })
        };
        let (first, second) = (depose(&one), depose(&other));
        let answers = [first.await.unwrap(), second.await.unwrap()];
        let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert_eq!(refused, [&ErrorKind::Conflict], "round {round}");
        assert!(!setup_needed(&story.platform).await.unwrap());
    }
}

async fn people_are_found_by_parts_of_name_and_address(database: Database) {
    let story = Story::begin(database).await;
    add(&story, "ada@example.com", "Ada Quill", &[Role::Host]).await;
    add(&story, "bo_100%@example.org", "Bo Quill", &[Role::Member]).await;
    let found = async |text: &str| {
        let list = find_accounts(&story.system(), text, Page::default()).await.unwrap();
        list.into_iter().map(|account| account.name).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["Bo Quill", "Ada Quill"]);
    assert_eq!(found(" QUILL ").await, ["Bo Quill", "Ada Quill"]);
    assert_eq!(found("quill .org").await, ["Bo Quill"]);
    assert_eq!(
        found("_100%").await,
        ["Bo Quill"],
        "what means something in patterns means itself"
    );
    assert_eq!(found("a_a").await, Vec::<String>::new());
    let error = find_accounts(&story.system(), "a b c d e f", Page::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid { field: "q".into() });
    assert_eq!(
        find_accounts(&story.anonymous(), "ada", Page::default())
            .await
            .unwrap_err()
            .kind,
        ErrorKind::Unauthenticated
    );
}
