//! The words in which requests and decisions are told.

use super::Request;
use crate::mail::Letter;

/// What somebody is told.
pub(super) struct Words {
    /// For programs.
    pub(super) kind: &'static str,
    /// Subject of the mail and title of the notice.
    pub(super) subject: String,
    /// Text of the notice.
    pub(super) summary: String,
    /// The mail, without its button.
    pub(super) letter: Letter,
    /// What the button says.
    pub(super) button: &'static str,
    /// Where notice and button lead, below the public address.
    pub(super) path: String,
}

/// For an admin: somebody asks.
pub(super) fn to_admin(request: &Request) -> Words {
    let subject = format!("Channel requested: {}", request.group_name);
    let summary = format!(
        "{} asks for a channel named \"{}\".",
        request.owner_name, request.proposed_name
    );
    let mut known = vec![
        ("Group", request.group_name.clone()),
        ("Proposed name", request.proposed_name.clone()),
        ("Asked by", format!("{} ({})", request.owner_name, request.owner_email)),
    ];
    known.extend(request.note.clone().map(|note| ("Note", note)));
    let letter = Letter::new(&subject).paragraph(&summary).facts(known);
    Words {
        kind: "channel_requested",
        subject,
        summary,
        letter,
        button: "Decide it",
        path: "/ui/channels".to_owned(),
    }
}

/// For the owner: there is a channel.
pub(super) fn approved(request: &Request, playback_url: &str) -> Words {
    let subject = format!("Your channel is ready: {}", request.proposed_name);
    let summary = format!(
        "Your request for the group \"{}\" was approved, and the channel is assigned to you.",
        request.group_name
    );
    let letter = Letter::new(&subject)
        .paragraph(&summary)
        .facts([
            ("Channel", request.proposed_name.clone()),
            ("Playback URL", playback_url.to_owned()),
        ])
        .paragraph("What happens next: open your channel's page. It shows what to enter in your encoder.");
    Words {
        kind: "channel_request_approved",
        subject,
        summary,
        letter,
        button: "Open your channel",
        path: "/ui/my-channel".to_owned(),
    }
}

/// For the owner: there will be none, and why.
pub(super) fn rejected(request: &Request) -> Words {
    let subject = format!("Channel request rejected: {}", request.group_name);
    let reason = request.reason.clone().unwrap_or_default();
    let summary = format!("Your request for a channel was rejected: {reason}");
    let letter = Letter::new(&subject)
        .paragraph("Your request for a channel was rejected.")
        .facts([("Group", request.group_name.clone()), ("Reason", reason)])
        .paragraph("What happens next: nothing by itself. You can ask again from the group's page.");
    Words {
        kind: "channel_request_rejected",
        subject,
        summary,
        letter,
        button: "See the group",
        path: format!("/ui/groups/{}", request.group_id),
    }
}

/// For the admin whose approval was cut short: it did not come off later either.
pub(super) fn not_approved(request: &Request, why: &str) -> Words {
    let subject = format!("Channel not made: {}", request.group_name);
    let summary = format!("Your approval could not be finished: {why}. The request is still pending.");
    let letter = Letter::new(&subject).paragraph(&summary).facts([
        ("Group", request.group_name.clone()),
        ("Proposed name", request.proposed_name.clone()),
    ]);
    Words {
        kind: "channel_request_not_approved",
        subject,
        summary,
        letter,
        button: "Decide it again",
        path: "/ui/channels".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::model::tests::request;
    use super::*;

    #[test]
    fn letters_say_what_was_asked_decided_and_why() {
        let mut asked = request(Status::Pending);
        asked.note = Some("Every morning <at> seven".into());
        let words = to_admin(&asked);
        assert_eq!(words.subject, "Channel requested: Morning shows");
        for part in [
            "Olga (olga@example.com)",
            "Every morning <at> seven",
            "Proposed name: Morning",
        ] {
            assert!(words.letter.text().contains(part), "{part}");
        }
        assert!(words.letter.html().contains("Every morning &lt;at&gt; seven"));

        let words = approved(&asked, "https://play.example/1.m3u8");
        assert!(
            words
                .letter
                .text()
                .contains("Playback URL: https://play.example/1.m3u8")
        );

        asked.reason = Some("The pool is for news".into());
        let words = rejected(&asked);
        assert!(words.summary.ends_with("The pool is for news") && words.path == "/ui/groups/g");
        assert!(words.letter.text().contains("Reason: The pool is for news"));
    }
}
