//! The calendar of a channel, for administrators.

use http::StatusCode;
use platform::channels::bookings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Ids, Json, Query};
use crate::rest::time::{parse_rfc3339, rfc3339};

/// A window to be booked.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateBooking {
    /// Id of the account of a host of this channel.
    host_user_id: String,
    /// RFC 3339.
    starts_at: String,
    /// RFC 3339; in the future, and at most 31 days after `startsAt`.
    ends_at: String,
    /// At most 500 characters.
    #[serde(default)]
    note: Option<String>,
}

/// A host's window on a channel: from `startsAt` to before `endsAt`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelBooking)]
pub(crate) struct Booking {
    booking_id: String,
    channel_id: String,
    host_user_id: String,
    host_name: String,
    /// RFC 3339.
    starts_at: String,
    /// RFC 3339.
    ends_at: String,
    #[schema(required)]
    note: Option<String>,
    /// Id of the administrator's account or service key, or `system`.
    created_by: String,
}

/// Part of a calendar, in order.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelBookings)]
pub(crate) struct Bookings {
    bookings: Vec<Booking>,
}

/// A booking was made.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelBooked)]
pub(crate) struct Booked {
    message: &'static str,
    booking: Booking,
}

/// A booking was removed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelUnbooked)]
pub(crate) struct Unbooked {
    message: &'static str,
    booking_id: String,
}

/// Which part of a calendar.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarQuery {
    /// Bookings that end after this moment, RFC 3339; now when absent.
    from: Option<String>,
    /// Bookings that begin before this moment, RFC 3339; without end when absent.
    to: Option<String>,
}

/// The bookings of a channel; at most 1000.
#[utoipa::path(get, path = "/admin/channels/{id}/bookings", operation_id = "list_channel_bookings", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), CalendarQuery),
    responses((status = 200, description = "In order.", body = Bookings)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Query(query): Query<CalendarQuery>,
) -> Result<Json<Bookings>, Problem> {
    let moment = |field, text: Option<String>| text.map(|text| parse_rfc3339(field, &text)).transpose();
    let (from_ms, to_ms) = (moment("from", query.from)?, moment("to", query.to)?);
    let bookings = bookings::list(&ctx, &id, from_ms, to_ms).await?;
    let bookings = bookings.into_iter().map(Booking::from).collect();
    Ok(Json(Bookings { bookings }))
}

/// Books a window for a host of the channel. While a channel has a booking that is not over, a host's session needs a window
/// of his own. A window that overlaps another is a conflict that names it.
#[utoipa::path(post, path = "/admin/channels/{id}/bookings", operation_id = "create_channel_booking", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel.")), request_body = CreateBooking,
    responses((status = 201, description = "Booked.", body = Booked)))]
pub(crate) async fn create(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<CreateBooking>,
) -> Result<(StatusCode, Json<Booked>), Problem> {
    let new = bookings::NewBooking {
        starts_at_ms: parse_rfc3339("startsAt", &body.starts_at)?,
        ends_at_ms: parse_rfc3339("endsAt", &body.ends_at)?,
        host_user_id: body.host_user_id,
        note: body.note,
    };
    let booked = Booked {
        message: "Booking created successfully",
        booking: bookings::add(&ctx, &id, new).await?.into(),
    };
    Ok((StatusCode::CREATED, Json(booked)))
}

/// Removes a booking. A host who is live goes on until the window of another begins.
#[utoipa::path(delete, path = "/admin/channels/{id}/bookings/{booking_id}", operation_id = "delete_channel_booking", tag = "channels",
    params(("id" = String, Path, description = "Id of the channel."), ("booking_id" = String, Path, description = "Id of the booking.")),
    responses((status = 200, description = "Removed.", body = Unbooked)))]
pub(crate) async fn delete(
    Admitted(ctx): Admitted,
    Ids(channel_id, booking_id): Ids,
) -> Result<Json<Unbooked>, Problem> {
    let removed = bookings::remove(&ctx, &channel_id, &booking_id).await?;
    Ok(Json(Unbooked {
        message: "Booking deleted successfully",
        booking_id: removed.id,
    }))
}

impl From<bookings::Booking> for Booking {
    fn from(booking: bookings::Booking) -> Self {
        Self {
            booking_id: booking.id,
            channel_id: booking.channel_id,
            host_user_id: booking.host_user_id,
            host_name: booking.host_name,
            starts_at: rfc3339(booking.window.starts_at_ms),
            ends_at: rfc3339(booking.window.ends_at_ms),
            note: booking.note,
            created_by: booking.created_by,
        }
    }
}
