//! What this area writes to people.

use super::codes::CODE_LIFETIME_MS;
use super::recovery::RESET_LIFETIME_MS;
use crate::db::Tx;
use crate::mail::{self, Letter, Message};
use crate::{Context, Error, Secret};

/// What there is to tell the owner of a mailbox.
pub(super) enum Notice {
    /// The code that creates an account.
    SignUpCode(Secret),
    /// The code that signs in.
    SignInCode(Secret),
    /// Somebody wanted to sign in with an address that has no account.
    NoAccount,
    /// The token of the link that sets a password.
    ResetLink(Secret),
    /// The password is another one now.
    PasswordChanged,
}

const MINUTE_MS: i64 = 60_000;

/// Writes a notice to `email`; the same `key` is the same mail.
pub(super) async fn send(ctx: &Context, tx: &mut Tx, email: &str, notice: &Notice, key: &str) -> Result<(), Error> {
    let (subject, letter) = notice.letter(&|page| page_url(ctx, page));
    let message = Message {
        to: email.to_owned(),
        subject: subject.to_owned(),
        text: letter.text(),
        html: letter.html(),
        key: key.to_owned(),
    };
    mail::send(tx, message).await
}

/// The address of a page of the UI.
fn page_url(ctx: &Context, page: &str) -> String {
    let public = ctx.platform.config().public_url.as_str();
    format!("{}/ui/{page}", public.trim_end_matches('/'))
}

impl Notice {
    /// Subject and letter; `url` makes an address of a page. Subjects hold no code: phones show them while they are locked.
    fn letter(&self, url: &dyn Fn(&str) -> String) -> (&'static str, Letter) {
        let minutes = CODE_LIFETIME_MS / MINUTE_MS;
        let code_rule = format!("It is good for {minutes} minutes, once. Nobody of ours will ever ask you for it.");
        match self {
            Self::SignUpCode(code) => {
                let letter = Letter::new("Welcome! Here is your code")
                    .paragraph("Type it into the page that asked for it, and your account is ready.")
                    .code(code.reveal())
                    .paragraph(code_rule)
                    .small("If it was not you: somebody typed your address by mistake. Ignore this mail, and nothing happens.");
                ("Your code to create an account", letter)
            }
            Self::SignInCode(code) => {
                let letter = Letter::new("Your sign-in code")
                    .paragraph("Type it into the page that asked for it, and you are signed in to your account.")
                    .code(code.reveal())
                    .paragraph(code_rule)
                    .small(
                        "If it was not you: ignore this mail and give the code to nobody. Without it nobody gets in; your \
                         account and your password are as they were.",
                    );
                ("Your sign-in code", letter)
            }
            Self::NoAccount => {
                let letter = Letter::new("There is no account for this address")
                    .paragraph(
                        "You wanted to sign in with this e-mail address, but it has no account here that is open. Perhaps \
                         you used another address; or create an account with this one.",
                    )
                    .button("Create an account", url("register"))
                    .small("If it was not you: somebody typed your address by mistake. Ignore this mail, and nothing happens.");
                ("Signing in: no account for this address", letter)
            }
            Self::ResetLink(token) => {
                let minutes = RESET_LIFETIME_MS / MINUTE_MS;
                // Behind the '#' the token is not sent to any server, nor written into its log.
                let link = url(&format!("reset-password#token={}", token.reveal()));
                let letter = Letter::new("Set a new password")
                    .paragraph("You asked to set the password of your account. This link does it:")
                    .button("Set a new password", link)
                    .paragraph(format!(
                        "It is good for {minutes} minutes, once. Setting the password signs you out everywhere."
                    ))
                    .small("If it was not you: ignore this mail. Your password stays as it is.");
                ("Set a new password", letter)
            }
            Self::PasswordChanged => {
                let letter = Letter::new("Your password was changed")
                    .paragraph("Your account has a new password, and all other devices were signed out.")
                    .paragraph("If it was you, there is nothing to do.")
                    .button("It was not me", url("forgot-password"))
                    .small("The link lets you set another password, which signs everybody out who got in.");
                ("Your password was changed", letter)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_say_what_how_long_and_what_if_it_was_not_you() {
        let secret = || Secret::new("canary");
        for (notice, texts) in [
            (
                Notice::SignUpCode(secret()),
                ["canary", "10 minutes", "If it was not you"],
            ),
            (
                Notice::SignInCode(secret()),
                ["canary", "10 minutes", "If it was not you"],
            ),
            (
                Notice::NoAccount,
                ["https://x/ui/register", "no account", "If it was not you"],
            ),
            (
                Notice::ResetLink(secret()),
                [
                    "https://x/ui/reset-password#token=canary",
                    "60 minutes",
                    "If it was not you",
                ],
            ),
            (
                Notice::PasswordChanged,
                ["https://x/ui/forgot-password", "new password", "It was not me"],
            ),
        ] {
            let (subject, letter) = notice.letter(&|page| format!("https://x/ui/{page}"));
            assert!(!subject.contains("canary"), "{subject}");
            for text in texts {
                assert!(letter.text().contains(text), "{}", letter.text());
                assert!(letter.html().contains(text), "{}", letter.html());
            }
        }
    }
}
