//! The one design of our mails.

use std::fmt::Write as _;

/// A letter that renders as plain text and as HTML; every text in it may come from a person.
///
/// ```
/// let letter = platform::mail::Letter::new("You won: Camera")
///     .paragraph("The price is 120.00 USD.")
///     .button("See the auction", "https://live.example.com/ui/auctions/1");
/// assert!(letter.html().contains("<a href=\"https://live.example.com/ui/auctions/1\""));
/// assert!(letter.text().contains("See the auction: https://live.example.com/ui/auctions/1"));
/// ```
#[derive(Debug, Clone)]
pub struct Letter {
    heading: String,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
enum Block {
    Paragraph(String),
    Facts(Vec<(String, String)>),
    Code(String),
    Button { label: String, href: String },
    Small(String),
}

impl Letter {
    /// A letter that begins with `heading`.
    pub fn new(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            blocks: Vec::new(),
        }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.with(Block::Paragraph(text.into()))
    }

    /// Adds a table of names and values.
    #[must_use]
    pub fn facts(self, facts: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value));
        self.with(Block::Facts(facts.collect()))
    }

    /// Adds a code to be typed, in large letters.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        self.with(Block::Code(code.into()))
    }

    /// Adds the one thing to do, as a link.
    #[must_use]
    pub fn button(self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.with(Block::Button {
            label: label.into(),
            href: href.into(),
        })
    }

    /// Adds small print.
    #[must_use]
    pub fn small(self, text: impl Into<String>) -> Self {
        self.with(Block::Small(text.into()))
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The letter as plain text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.heading);
        for block in &self.blocks {
            // Writing to a String cannot fail.
            let _ = match block {
                Block::Paragraph(words) | Block::Small(words) => writeln!(text, "\n{words}"),
                Block::Code(code) => writeln!(text, "\n    {code}"),
                Block::Button { label, href } => writeln!(text, "\n{label}: {href}"),
                Block::Facts(facts) => {
                    text.push('\n');
                    facts
                        .iter()
                        .try_for_each(|(name, value)| writeln!(text, "{name}: {value}"))
                }
            };
        }
        text
    }

    /// The letter as an HTML document: one column, system fonts, no pictures, readable in dark mail programs.
    pub fn html(&self) -> String {
        let mut body = String::new();
        for block in &self.blocks {
            body.push_str(&block.html());
        }
        let heading = escape_html(&self.heading);
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
             <title>{heading}</title><style>{STYLE}</style></head>\n\
             <body style=\"margin:0;padding:24px 12px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif\">\
             <div style=\"max-width:560px;margin:0 auto\">\n\
             <p style=\"margin:0 0 24px;font-weight:700;letter-spacing:.02em\">Rostrum</p>\n\
             <h1 style=\"margin:0 0 16px;font-size:22px;line-height:1.3;overflow-wrap:anywhere\">{heading}</h1>\n\
             {body}</div></body></html>\n"
        )
    }
}

impl Block {
    fn html(&self) -> String {
        match self {
            Self::Paragraph(words) => format!(
                "<p style=\"margin:0 0 16px;overflow-wrap:anywhere\">{}</p>\n",
                escape_html(words)
            ),
            Self::Small(words) => {
                format!(
                    "<p class=\"quiet\" style=\"margin:24px 0 0;font-size:13px;overflow-wrap:anywhere\">{}</p>\n",
                    escape_html(words)
                )
            }
            Self::Code(code) => format!(
                "<p style=\"margin:0 0 16px;font:700 30px/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.2em\">{}</p>\n",
                escape_html(code)
            ),
            Self::Button { label, href } => format!(
                "<p style=\"margin:24px 0\"><a href=\"{href}\" target=\"_blank\" style=\"display:inline-block;padding:12px 20px;\
                 border-radius:8px;background:#17694f;color:#ffffff;font-weight:600;text-decoration:none\">{}</a></p>\n",
                escape_html(label),
                href = escape_html(href)
            ),
            Self::Facts(facts) => {
                let row = |(name, value): &(String, String)| {
                    format!(
                        "<tr><th class=\"quiet\" style=\"padding:4px 16px 4px 0;text-align:left;font-weight:400;vertical-align:top;white-space:nowrap\">{}</th>\
                         <td style=\"padding:4px 0;overflow-wrap:anywhere\">{}</td></tr>\n",
                        escape_html(name),
                        escape_html(value)
                    )
                };
                let rows: String = facts.iter().map(row).collect();
                format!(
                    "<table role=\"presentation\" style=\"margin:0 0 16px;border-collapse:collapse\">\n{rows}</table>\n"
                )
            }
        }
    }
}

/// `text` as it may stand in HTML between tags and inside quoted attributes.
pub fn escape_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Colours stay the mail program's own; only quiet text is dimmed, so both light and dark keep their contrast.
const STYLE: &str = ".quiet{color:#5b6470}@media (prefers-color-scheme:dark){.quiet{color:#a5adb8}}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_is_text_in_html() {
        let evil = "<script>alert(1)</script>\"'&";
        let letter = Letter::new(evil)
            .paragraph(evil)
            .facts([("Item", evil.to_owned())])
            .code(evil)
            .button(evil, "https://x/\"onclick=\"alert(1)")
            .small(evil);
        let html = letter.html();
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("\"onclick"), "{html}");
        assert_eq!(
            html.matches("&lt;script&gt;").count(),
            7,
            "title, heading and each block"
        );
        assert_eq!(letter.text().matches(evil).count(), 6, "plain text is left as it is");
    }
}
