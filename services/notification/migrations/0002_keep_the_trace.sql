-- W3C trace context of the call that caused the event, so that the mail is found under the same trace.
ALTER TABLE notification ADD COLUMN traceparent text NOT NULL DEFAULT '';
