//! Pictures that people upload, made harmless and small. An area says whose they are; here is what they become.
//!
//! **Invariants**
//! - What is stored and served was encoded by us from pixels: no metadata, no second meaning, no script survives that.
//! - Names are 128 random bits: a picture is seen by those who are given its address, and by everybody for ever after.
//!
//! **Where to start.** [`store`], then [`Stored::keep`] in the transaction that begins to refer to it.

mod intake;
mod raster;

use bytes::Bytes;
use sqlx::AnyConnection;

pub(crate) use intake::Intake;

use crate::db::Tx;
use crate::storage::files;
use crate::{Context, Error, Platform};

/// Largest file that is taken, bytes: what a phone's camera makes at its best.
pub const BYTES_MAX: usize = 12 * 1024 * 1024;

const FOLDER: &str = "pictures";
/// Between the name of a picture and its extension when it is the small one.
const THUMBNAIL: &str = "-small";
const NO_PICTURE: &str = "Picture not found";

/// A picture that we made and keep, with its small version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Name of the file, for [`open`].
    pub name: String,
    /// Name of the small one.
    pub thumbnail: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub content: Bytes,
    /// Its media type.
    pub content_type: &'static str,
}

impl Stored {
    /// Where it is, relative to this site.
    pub fn url(&self) -> String {
        url_of(&self.name)
    }

    /// Where its small version is, relative to this site.
    pub fn thumbnail_url(&self) -> String {
        url_of(&self.thumbnail)
    }

    /// Keeps both files, in the transaction that begins to refer to them.
    ///
    /// *errors*: [`crate::ErrorKind::Conflict`] when making them was more than an hour ago.
    pub(crate) async fn keep(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        files::keep(&mut *connection, &path_of(&self.name)).await?;
        files::keep(connection, &path_of(&self.thumbnail)).await
    }

    /// Lets go of both files, in the transaction that ceases to refer to them; they are removed after the commit.
    pub(crate) async fn release(&self, tx: &mut Tx, now_ms: i64) -> Result<(), Error> {
        for name in [&self.name, &self.thumbnail] {
            files::release(tx, &path_of(name), now_ms).await?;
        }
        Ok(())
    }
}

/// Where the file of this name is, relative to this site.
fn url_of(name: &str) -> String {
    format!("/api/images/{name}")
}

/// A stored file by its name. Everybody may read it who knows the name.
///
/// *errors*: [`crate::ErrorKind::NotFound`], also for every name that we would not have given;
/// [`crate::ErrorKind::Unavailable`].
pub async fn open(platform: &Platform, name: &str) -> Result<File, Error> {
    let kind = kind_of(name).ok_or_else(|| Error::not_found(NO_PICTURE))?;
    let content = platform
        .storage()
        .get(&path_of(name))
        .await?
        .ok_or_else(|| Error::not_found(NO_PICTURE))?;
    Ok(File {
        content,
        content_type: kind.content_type(),
    })
}

/// Reads a file that somebody sent as `field` and stores what we make of it; nobody refers to it yet. [`Stored::keep`]
/// does, within an hour.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `field`, [`crate::ErrorKind::Unavailable`] when too many are being read.
pub(crate) async fn store(ctx: &Context, field: &str, content: Bytes) -> Result<Stored, Error> {
    let rendered = ctx
        .platform
        .pictures()
        .render(content)
        .await?
        .map_err(|refusal| Error::invalid(field.to_owned(), format!("{field} {}", refusal.as_str())))?;
    let random: [u8; 16] = ctx.platform.environment().random_bytes();
    let random = format!("{:032x}", u128::from_be_bytes(random));
    let extension = rendered.kind.extension();
    let name = format!("{random}.{extension}");
    let thumbnail = format!("{random}{THUMBNAIL}.{extension}");
    let paths = (path_of(&name), path_of(&thumbnail));
    files::plan(ctx, &[&paths.0, &paths.1]).await?;
    ctx.platform.failpoint().reached("picture.planned");
    ctx.platform.storage().put(&paths.0, rendered.picture).await?;
    ctx.platform.storage().put(&paths.1, rendered.thumbnail).await?;
    ctx.platform.failpoint().reached("picture.files_written");
    Ok(Stored {
        name,
        thumbnail,
        width: rendered.width.into(),
        height: rendered.height.into(),
    })
}

fn path_of(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// The kind of file that a name of ours names: 32 hexadecimal digits, perhaps the mark of a thumbnail, an extension.
fn kind_of(name: &str) -> Option<raster::Kind> {
    let (stem, extension) = name.split_once('.')?;
    let digits = stem.strip_suffix(THUMBNAIL).unwrap_or(stem);
    let is_ours = digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| raster::Kind::of_extension(extension)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_looked_up() {
        let digits = "0123456789abcdef0123456789abcdef";
        for name in [format!("{digits}.jpg"), format!("{digits}-small.webp")] {
            assert!(kind_of(&name).is_some(), "{name}");
        }
        for name in [
            String::new(),
            "../rostrum.sqlite3".to_owned(),
            format!("../pictures/{digits}.jpg"),
            format!("{digits}.jpg/../../secret.jpg"),
            format!("{digits}.svg"),
            format!("{digits}.jpg.html"),
            format!("{}.jpg", digits.to_uppercase()),
            format!("{}.jpg", &digits[1..]),
            format!("{digits}-small-small.jpg"),
            format!("{digits}%2e.jpg"),
            format!("{digits}\0.jpg"),
        ] {
            assert_eq!(kind_of(&name), None, "{name}");
        }
    }
}
