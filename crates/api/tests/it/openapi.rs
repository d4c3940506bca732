//! The committed document says what the routes are.

use std::collections::BTreeSet;

use serde_json::Value;

const COMMITTED: &str = include_str!("../../../../docs/api/openapi.json");

#[test]
fn the_committed_document_is_what_the_code_says() {
    assert!(
        api::openapi_json() == COMMITTED,
        "docs/api/openapi.json is out of date: run `make gen`"
    );
}

#[test]
fn every_route_is_documented_and_every_documented_route_exists() {
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        documented.extend(
            item.as_object()
                .unwrap()
                .keys()
                .map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    let is_page = |path: &str| path == "/" || path == "/ui" || path.starts_with("/ui/");
    let routes = api::routes().into_iter().filter(|route| !is_page(route.path));
    let routes = routes
        .map(|route| format!("{} {}", route.method, route.path))
        .collect::<BTreeSet<_>>();
    assert_eq!(documented, routes);
}

/// Generators of clients name their functions by it, and keep one of two that are called alike.
#[test]
fn every_operation_has_an_id_of_its_own() {
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    let mut ids = BTreeSet::new();
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "two operations are called {id}");
    }
}

#[test]
fn operations_that_need_credentials_say_so() {
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    for route in api::routes() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        let schemes = operation["security"]
            .as_array()
            .map(|all| all.iter().map(Value::to_string).collect::<Vec<_>>());
        let expected: Option<&[&str]> = match route.policy {
            api::Policy::Open => None,
            api::Policy::Public | api::Policy::LoopbackOrAdmin => Some(&["{}", r#"{"bearer":[]}"#]),
            api::Policy::SignedIn | api::Policy::Role(_) => Some(&[r#"{"bearer":[]}"#]),
            api::Policy::EventsSecret => Some(&[r#"{"events_secret":[]}"#]),
        };
        let expected = expected.map(|all| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(schemes, expected, "{} {}", route.method, route.path);
    }
}
