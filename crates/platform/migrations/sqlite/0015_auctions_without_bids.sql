-- Bids and outcomes are on `lots`. These columns of `auctions` have been neither written nor read since lots exist.
alter table auctions drop column current_high_bid;
alter table auctions drop column high_bidder_id;
alter table auctions drop column high_bidder_username;
alter table auctions drop column bid_count;
alter table auctions drop column anti_snipe_count;
alter table auctions drop column winner_username;
