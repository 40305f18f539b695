"""Text messages out by Twilio when it is configured; in development a page, `/dev/phone`."""
