//! The committed document says what the routes are.

use std::collections::BTreeSet;
use std::path::Path;

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

/// Of two types with one name the document would keep one, and describe the other's answers with it.
#[test]
fn no_two_types_share_a_name() {
    let mut names = BTreeSet::new();
    let mut twice = Vec::new();
    for text in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        for rest in text.split("#[derive(").skip(1).filter(|rest| is_documented(rest)) {
            let name = name_of(rest);
            if !names.insert(name.clone()) {
                twice.push(name);
            }
        }
    }
    assert!(
        names.contains("Auction") && names.contains("Role"),
        "the sources are read: {names:?}"
    );
    assert_eq!(twice, Vec::<String>::new());
}

fn is_documented(rest: &str) -> bool {
    rest.split(')')
        .next()
        .is_some_and(|derived| derived.contains("ToSchema"))
}

/// The name under which a type is documented: what `schema(as = …)` says, else the type's own.
fn name_of(rest: &str) -> String {
    let body = rest.find('{').unwrap_or(rest.len());
    let head = rest
        .find("schema(as = ")
        .filter(|at| *at < body)
        .map(|at| &rest[at + "schema(as = ".len()..]);
    let own = ["struct ", "enum "]
        .iter()
        .filter_map(|word| Some(rest.find(word)? + word.len()))
        .min();
    let text = head.unwrap_or_else(|| &rest[own.expect("a derive belongs to a type")..]);
    text.chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// Every Rust file of a folder and its folders.
fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![std::fs::read_to_string(&path).unwrap()],
        })
        .collect()
}
