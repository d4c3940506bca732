//! The mails that a development server keeps, as pages for the developer.

use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use platform::mail::{self, Kept, escape_html};

use crate::error::Problem;
use crate::gate::Admitted;
use crate::rest::time::rfc3339;

/// Shows the mails that are kept, newest first; 404 unless this is a development server without a mail server.
#[utoipa::path(get, path = "/dev/mail", operation_id = "list_dev_mails", tag = "health",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html"),
              (status = 404, description = "Mail is not kept here.")))]
pub(crate) async fn list(Admitted(ctx): Admitted) -> Result<Response, Problem> {
    let mails = mail::kept(&ctx).await?.ok_or_else(Problem::unknown_route)?;
    let rows: String = mails.iter().map(row).collect();
    let body = if rows.is_empty() {
        "<h1>Mail</h1><p>No mail was written yet. What this server would send appears here, newest first.</p>"
            .to_owned()
    } else {
        format!("<h1>Mail</h1><p>What this server would send. Nothing leaves it.</p><ol>{rows}</ol>")
    };
    Ok(page("Mail", &body))
}

/// Shows one kept mail, text and HTML.
#[utoipa::path(get, path = "/dev/mail/{id}", operation_id = "show_dev_mail", tag = "health",
    params(("id" = String, Path, description = "First part of its `Message-ID`.")),
    responses((status = 200, description = "A page.", body = String, content_type = "text/html"),
              (status = 404, description = "There is no such mail.")))]
pub(crate) async fn show(Admitted(ctx): Admitted, Path(id): Path<String>) -> Result<Response, Problem> {
    let mail = mail::kept_one(&ctx, &id).await?.ok_or_else(Problem::unknown_route)?;
    let (id, to, subject) = (escape_html(&mail.id), escape_html(&mail.to), escape_html(&mail.subject));
    let at = rfc3339(mail.created_at_ms);
    let body = format!(
        "<p><a href=\"/dev/mail\">All mail</a></p><h1>{subject}</h1>\
         <p>To {to}, <time datetime=\"{at}\">{}</time></p>\
         <h2>Text</h2><pre>{}</pre>\
         <h2>HTML</h2><iframe src=\"/dev/mail/{id}/html\" title=\"The mail as HTML\" \
         sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe>",
        moment(&at),
        linked(&mail.text)
    );
    Ok(page(&mail.subject, &body))
}

/// The HTML of one kept mail as it is, in a sandbox.
#[utoipa::path(get, path = "/dev/mail/{id}/html", operation_id = "show_dev_mail_html", tag = "health",
    params(("id" = String, Path, description = "First part of its `Message-ID`.")),
    responses((status = 200, description = "The mail's own document.", body = String, content_type = "text/html"),
              (status = 404, description = "There is no such mail.")))]
pub(crate) async fn html(Admitted(ctx): Admitted, Path(id): Path<String>) -> Result<Response, Problem> {
    let mail = mail::kept_one(&ctx, &id).await?.ok_or_else(Problem::unknown_route)?;
    Ok(with_policy(MAIL_POLICY, mail.html))
}

fn row(mail: &Kept) -> String {
    let at = rfc3339(mail.created_at_ms);
    format!(
        "<li><a href=\"/dev/mail/{}\">{}</a><span>to {}, <time datetime=\"{at}\">{}</time></span></li>",
        escape_html(&mail.id),
        escape_html(&mail.subject),
        escape_html(&mail.to),
        moment(&at)
    )
}

/// `2026-11-21 08:00:00 UTC`: enough for a reader who looks for the newest.
fn moment(rfc3339: &str) -> String {
    let seconds = rfc3339.split(['.', 'Z']).next().unwrap_or(rfc3339);
    format!("{} UTC", seconds.replace('T', " "))
}

/// Plain text with its addresses made links.
fn linked(text: &str) -> String {
    let word = |word: &str| {
        let safe = escape_html(word);
        if word.starts_with("https://") || word.starts_with("http://") {
            format!("<a href=\"{safe}\" target=\"_blank\" rel=\"noreferrer\">{safe}</a>")
        } else {
            safe
        }
    };
    text.split_inclusive(char::is_whitespace)
        .map(|part| {
            let bare = part.trim_end();
            format!("{}{}", word(bare), &part[bare.len()..])
        })
        .collect()
}

fn page(title: &str, body: &str) -> Response {
    let title = escape_html(title);
    let document = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><style>{STYLE}</style></head>\n\
         <body><main>{body}</main></body></html>\n"
    );
    with_policy(PAGE_POLICY, document)
}

fn with_policy(policy: &'static str, document: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Html(document)).into_response()
}

/// Our own page runs nothing and loads nothing but the framed mail.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";
/// A mail runs nothing and loads nothing; its links open in windows of their own.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                           style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const STYLE: &str = "body{margin:0;padding:24px 16px;font:16px/1.5 system-ui,sans-serif}main{max-width:760px;margin:0 auto}\
    h1{font-size:24px;overflow-wrap:anywhere}h2{font-size:16px;margin:24px 0 8px}\
    ol{list-style:none;margin:0;padding:0}li{padding:12px 0;border-top:1px solid #8884}\
    li a{display:block;font-weight:600;overflow-wrap:anywhere}li span{font-size:14px;opacity:.8;overflow-wrap:anywhere}\
    pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:16px;border:1px solid #8884;border-radius:8px;font:14px/1.5 ui-monospace,monospace}\
    iframe{box-sizing:border-box;width:100%;height:70vh;border:1px solid #8884;border-radius:8px}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_pages_become_links() {
        assert_eq!(
            linked("See: https://x.test/a?b=1&c=2\n<b> javascript:alert(1)"),
            "See: <a href=\"https://x.test/a?b=1&amp;c=2\" target=\"_blank\" rel=\"noreferrer\">https://x.test/a?b=1&amp;c=2</a>\n\
             &lt;b&gt; javascript:alert(1)"
        );
    }
}
