//! Pictures of a lot: what a seller uploads ([`crate::pictures`]), and what it links to elsewhere.
//!
//! **Invariants**
//! - An auction has at most [`COUNT_MAX`], also when several are uploaded at once: the auction's row orders them.
//! - Links are stored and shown, never fetched.

pub(super) mod source;
pub(super) mod store;

use std::collections::HashSet;

use bytes::Bytes;
use serde_json::json;
use sqlx::AnyConnection;

pub use source::LINK_LEN_MAX;
pub(super) use source::Source;

use super::{Auction, NOT_FOUND, Status, View, own, store as auctions_store, topic};
use crate::db::Tx;
use crate::pictures::{self, Stored};
use crate::{Context, Error, audit, id};

/// Most pictures of one auction.
pub const COUNT_MAX: usize = 10;
const NO_PICTURE: &str = "Picture not found";
const NOT_YOURS: &str = "Only the host can change the pictures of this auction";

/// One picture of an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// UUID v7.
    pub id: String,
    /// What is shown.
    pub image: Image,
}

/// What a picture shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// A file of ours.
    Stored(Stored),
    /// An http(s) address elsewhere, or an inline image that an earlier release kept.
    Link(String),
}

impl Picture {
    /// Where it is: relative to this site for stored ones, absolute for links.
    pub fn url(&self) -> String {
        match &self.image {
            Image::Stored(stored) => stored.url(),
            Image::Link(link) => link.clone(),
        }
    }

    /// Where its small version is; for links the same as [`Picture::url`].
    pub fn thumbnail_url(&self) -> String {
        match &self.image {
            Image::Stored(stored) => stored.thumbnail_url(),
            Image::Link(link) => link.clone(),
        }
    }

    /// Width and height in pixels; `None` for links.
    pub fn size(&self) -> Option<(i64, i64)> {
        match &self.image {
            Image::Stored(stored) => Some((stored.width, stored.height)),
            Image::Link(_) => None,
        }
    }
}

/// Adds a picture at the end.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `image` when it is none that we read, or the auction has
/// [`COUNT_MAX`] already; [`crate::ErrorKind::Unavailable`] when too many are being read;
/// [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its seller and admins,
/// [`crate::ErrorKind::Conflict`] when the auction is closed.
pub async fn add(ctx: &Context, auction_id: &str, content: Bytes) -> Result<Picture, Error> {
    let auction = own(ctx, auction_id, NOT_YOURS).await?;
    require_open(&auction)?;
    // Said again below, where it counts; here it spares the work.
    let known = store::of(ctx.db().read(), &[&auction.id]).await?;
    require_room(known.get(&auction.id).map_or(0, Vec::len))?;
    let source = Source::File {
        field: "image".to_owned(),
        content,
    };
    let picture = prepare(ctx, vec![source]).await?.remove(0);
    let mut tx = ctx.db().begin().await?;
    let count = lock(&mut tx, &auction.id).await?.len();
    require_room(count)?;
    let position = i64::try_from(count).map_err(Error::internal)?;
    attach(
        &mut tx,
        &auction.id,
        std::slice::from_ref(&picture),
        position,
        ctx.now_ms,
    )
    .await?;
    tell(ctx, &mut tx, &auction.id, "auctions.add_picture", Some(&picture.id)).await?;
    tx.commit().await?;
    ctx.platform.failpoint().reached("picture.saved");
    Ok(picture)
}

/// Removes a picture; its files go after the commit.
///
/// *errors*: as [`add`], and [`crate::ErrorKind::NotFound`] when the auction has no such picture.
pub async fn remove(ctx: &Context, auction_id: &str, picture_id: &str) -> Result<(), Error> {
    let auction = own(ctx, auction_id, NOT_YOURS).await?;
    let picture_id = id::parse(picture_id, NO_PICTURE)?;
    let mut tx = ctx.db().begin().await?;
    let pictures = lock(&mut tx, &auction.id).await?;
    let picture = pictures
        .iter()
        .find(|picture| picture.id == picture_id)
        .ok_or_else(|| Error::not_found(NO_PICTURE))?;
    store::delete(tx.conn(), &auction.id, &picture.id).await?;
    let rest = pictures.iter().filter(|other| other.id != picture.id);
    for (position, other) in (0..).zip(rest) {
        store::place(tx.conn(), &other.id, position).await?;
    }
    if let Image::Stored(stored) = &picture.image {
        stored.release(&mut tx, ctx.now_ms).await?;
    }
    tell(ctx, &mut tx, &auction.id, "auctions.remove_picture", Some(&picture.id)).await?;
    tx.commit().await
}

/// Puts the pictures into the order of `ids`, which names each of them once; the first is the one that lists show.
///
/// *errors*: as [`add`], and [`crate::ErrorKind::Invalid`] naming `ids`.
pub async fn reorder(ctx: &Context, auction_id: &str, ids: &[String]) -> Result<Vec<Picture>, Error> {
    let auction = own(ctx, auction_id, NOT_YOURS).await?;
    let mut tx = ctx.db().begin().await?;
    let mut pictures = lock(&mut tx, &auction.id).await?;
    let named: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let is_each_once = named.len() == ids.len()
        && ids.len() == pictures.len()
        && pictures.iter().all(|picture| named.contains(picture.id.as_str()));
    if !is_each_once {
        return Err(Error::invalid("ids", "ids must name every picture of the auction once"));
    }
    pictures.sort_by_key(|picture| ids.iter().position(|id| *id == picture.id));
    for (position, picture) in (0..).zip(&pictures) {
        store::place(tx.conn(), &picture.id, position).await?;
    }
    tell(ctx, &mut tx, &auction.id, "auctions.order_pictures", None).await?;
    tx.commit().await?;
    Ok(pictures)
}

/// Reads, makes and stores the files of `sources`; nobody refers to them yet. [`attach`] does, within an hour.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming the source's member, [`crate::ErrorKind::Unavailable`].
pub(super) async fn prepare(ctx: &Context, sources: Vec<Source>) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::with_capacity(sources.len());
    for source in sources {
        let image = match source {
            Source::Link(link) => Image::Link(link),
            Source::File { field, content } => Image::Stored(pictures::store(ctx, &field, content).await?),
        };
        pictures.push(Picture {
            id: ctx.new_id(),
            image,
        });
    }
    Ok(pictures)
}

/// Refers to prepared pictures, from `position` on, in the transaction that saves their auction or adds to it.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when preparing them was too long ago.
pub(super) async fn attach(
    tx: &mut Tx,
    auction_id: &str,
    pictures: &[Picture],
    position: i64,
    now_ms: i64,
) -> Result<(), Error> {
    for (position, picture) in (position..).zip(pictures) {
        if let Image::Stored(stored) = &picture.image {
            stored.keep(tx.conn()).await?;
        }
        store::insert(tx.conn(), auction_id, picture, position, now_ms).await?;
    }
    Ok(())
}

/// Puts the pictures into views.
pub(super) async fn fill(connection: &mut AnyConnection, views: &mut [View]) -> Result<(), Error> {
    let ids: Vec<&str> = views.iter().map(|view| view.auction.id.as_str()).collect();
    let mut found = store::of(connection, &ids).await?;
    for view in views {
        view.pictures = found.remove(&view.auction.id).unwrap_or_default();
    }
    Ok(())
}

/// Locks an open auction and reads its pictures.
async fn lock(tx: &mut Tx, auction_id: &str) -> Result<Vec<Picture>, Error> {
    let auction = auctions_store::lock(tx.conn(), auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    require_open(&auction)?;
    let mut found = store::of(&mut *tx.conn(), &[auction_id]).await?;
    Ok(found.remove(auction_id).unwrap_or_default())
}

/// What was sold must stay as the bidders saw it.
fn require_open(auction: &Auction) -> Result<(), Error> {
    match auction.status {
        Status::Live => Ok(()),
        Status::Closed => Err(Error::conflict(format!("Auction is closed: {}", auction.id))),
    }
}

fn require_room(count: usize) -> Result<(), Error> {
    if count < COUNT_MAX {
        return Ok(());
    }
    Err(Error::invalid(
        "image",
        format!("image is one too many: an auction has at most {COUNT_MAX} pictures"),
    ))
}

/// Watchers hear what the pictures are now; the audit log hears who changed them.
async fn tell(
    ctx: &Context,
    tx: &mut Tx,
    auction_id: &str,
    action: &'static str,
    picture_id: Option<&str>,
) -> Result<(), Error> {
    let mut found = store::of(&mut *tx.conn(), &[auction_id]).await?;
    let pictures = found.remove(auction_id).unwrap_or_default();
    let payload = json!({
        "auction_id": auction_id,
        "image_url": pictures.first().map(Picture::url),
        "gallery_images": pictures.iter().map(Picture::url).collect::<Vec<_>>(),
    });
    tx.publish(&topic(auction_id), "pictures_update", &payload)?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &topic(auction_id),
        detail: picture_id,
    })
    .await
}
