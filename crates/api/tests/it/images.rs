//! Pictures over HTTP: what is taken, what is refused, and how they are served.

use http::{Method, StatusCode};
use platform::Role;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// A valid PNG of one grey pixel.
pub const PIXEL: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\
    \x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x01\x01\x02\x00\xfd\xff\x00\x80\
    \x00\x82\x00\x81\xc3\x6e\x25\xe0\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";
pub const MIB: usize = 1024 * 1024;

struct Sale {
    server: TestServer,
    host: String,
    id: String,
}

impl Sale {
    async fn start() -> Self {
        let server = TestServer::start_with_video().await;
        let host = server.sign_in("host", &[Role::Host]).await;
        let body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 1 });
        let answer = server.post("/api/auctions").bearer(&host).json(&body).send().await;
        let id = answer.json()["auction_id"].as_str().unwrap().to_owned();
        Self { server, host, id }
    }

    fn path(&self, tail: &str) -> String {
        format!("/api/auctions/{}/images{tail}", self.id)
    }

    async fn upload(&self, content_type: &str, content: &[u8]) -> Answer {
        let call = self.server.post(&self.path("")).bearer(&self.host);
        call.header("content-type", content_type).body(content).send().await
    }

    async fn shown(&self) -> Value {
        self.server
            .get(&format!("/api/auctions/{}", self.id))
            .send()
            .await
            .json()
    }
}

#[tokio::test]
async fn a_picture_is_uploaded_ordered_shown_and_removed() {
    let sale = Sale::start().await;
    // What a client calls its file is not believed.
    let first = sale.upload("text/html", PIXEL).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    let (first, second) = (first.json(), sale.upload("image/png", PIXEL).await.json());
    assert_eq!((&first["width"], &first["height"]), (&json!(1), &json!(1)));
    let shown = sale.shown().await;
    assert_eq!(shown["image_url"], first["url"]);
    assert_eq!(shown["thumbnail_url"], first["thumbnail_url"]);
    assert_eq!(shown["gallery_images"], json!([first["url"], second["url"]]));
    assert_eq!(shown["images"], json!([first, second]));

    let order = json!({ "ids": [second["image_id"], first["image_id"]] });
    let call = sale.server.post(&sale.path("/order")).bearer(&sale.host);
    let ordered = call.json(&order).send().await;
    assert_eq!(
        (ordered.status, &ordered.json()["images"]),
        (StatusCode::OK, &json!([second, first]))
    );
    assert_eq!(sale.shown().await["image_url"], second["url"]);

    let gone = sale.path(&format!("/{}", second["image_id"].as_str().unwrap()));
    let removed = sale.server.call(Method::DELETE, &gone).bearer(&sale.host).send().await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let again = sale.server.call(Method::DELETE, &gone).bearer(&sale.host).send().await;
    assert_eq!(
        (again.status, again.text()),
        (StatusCode::NOT_FOUND, r#"{"error":"Picture not found"}"#)
    );
    assert_eq!(sale.shown().await["gallery_images"], json!([first["url"]]));
}

#[tokio::test]
async fn a_picture_is_served_for_ever_and_as_nothing_but_a_picture() {
    let sale = Sale::start().await;
    let uploaded = sale.upload("image/png", PIXEL).await.json();
    for url in [&uploaded["url"], &uploaded["thumbnail_url"]] {
        let url = url.as_str().unwrap();
        let file = sale.server.get(url).send().await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (StatusCode::OK, Some("image/jpeg"))
        );
        assert_eq!(
            file.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        let policy = file.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("sandbox"),
            "{policy}"
        );
        assert!(file.body.starts_with(b"\xff\xd8\xff"), "a JPEG of ours");
        let tag = file.header("etag").unwrap().to_owned();
        for known in [tag.as_str(), "*", &format!("\"other\", W/{tag}")] {
            let kept = sale.server.get(url).header("if-none-match", known).send().await;
            assert_eq!((kept.status, kept.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(kept.header("etag"), Some(tag.as_str()));
        }
        let changed = sale.server.get(url).header("if-none-match", "\"other\"").send().await;
        assert_eq!(changed.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn names_that_are_not_ours_lead_nowhere() {
    let sale = Sale::start().await;
    let digits = "0123456789abcdef0123456789abcdef";
    for name in [
        format!("{digits}.jpg"),
        format!("{digits}.svg"),
        "..%2f..%2frostrum.sqlite3".to_owned(),
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        format!("..%2fpictures%2f{digits}.jpg"),
        format!("{digits}.jpg%00.png"),
        "%ff%fe".to_owned(),
    ] {
        let answer = sale.server.get(&format!("/api/images/{name}")).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {answer:?}");
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{name}: it may come to be"
        );
    }
}

#[tokio::test]
async fn what_is_too_large_or_no_picture_is_refused_in_words() {
    let sale = Sale::start().await;
    let large = sale.upload("image/png", &vec![0; 12 * MIB + 1]).await;
    assert_eq!(
        (large.status, large.text()),
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            r#"{"error":"A file must have at most 12 MiB"}"#
        )
    );
    let just_fits = sale.upload("image/png", &vec![0; 12 * MIB]).await;
    assert_eq!(just_fits.status, StatusCode::BAD_REQUEST, "{just_fits:?}");
    for content in [
        &b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..],
        b"<html>",
        b"",
        &PIXEL[1..],
    ] {
        let refused = sale.upload("image/png", content).await;
        let expected = json!({ "error": "Validation error", "details": [
            { "field": "image", "message": "image must be a JPEG, PNG, WebP or GIF file" }] });
        assert_eq!((refused.status, refused.json()), (StatusCode::BAD_REQUEST, expected));
    }
    let cut = sale.upload("image/png", &PIXEL[..40]).await.json();
    assert_eq!(
        cut["details"][0]["message"],
        "image cannot be read: the file is damaged or cut short"
    );
    assert_eq!(sale.shown().await["gallery_images"], json!([]));
}

#[tokio::test]
async fn a_new_auction_may_bring_its_pictures() {
    let sale = Sale::start().await;
    use base64::Engine as _;
    let data = format!(
        "data:image/png;base64,{}",
        base64::engine::general_purpose::STANDARD.encode(PIXEL)
    );
    let body = json!({
        "title": "Lamp", "duration": 300, "starting_bid": 1, "image_url": data,
        "images": ["https://images.example/back.jpg", data]
    });
    let answer = sale
        .server
        .post("/api/auctions")
        .bearer(&sale.host)
        .json(&body)
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let created = answer.json();
    let gallery = created["gallery_images"].as_array().unwrap();
    assert_eq!(
        (gallery.len(), &gallery[1]),
        (2, &json!("https://images.example/back.jpg"))
    );
    assert!(gallery[0].as_str().unwrap().starts_with("/api/images/"), "{gallery:?}");
    assert_eq!(
        (&created["image_url"], &created["images"][1]["width"]),
        (&gallery[0], &Value::Null)
    );
    let now = sale.server.get("/api/now").send().await.json();
    assert!(
        now["live"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["thumbnail_url"] == created["thumbnail_url"])
    );

    // More than other requests may have, and still not everything.
    let pad = |bytes: usize| json!({ "title": "x", "duration": 1, "starting_bid": 1, "images": [], "pad": "x".repeat(bytes) });
    for (bytes, status) in [
        (2 * MIB, StatusCode::CREATED),
        (20 * MIB, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = sale
            .server
            .post("/api/auctions")
            .bearer(&sale.host)
            .json(&pad(bytes))
            .send()
            .await;
        assert_eq!(answer.status, status, "{bytes}");
    }
}
