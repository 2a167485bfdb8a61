"""E096x: subscriptions, and the delivery of events to them."""

from actionlang.diagnostics.diagnostic import Code

UNKNOWN_SUBSCRIPTION = Code("E0960", "subscription that is not there")
SUBSCRIPTION_TAKEN = Code("E0961", "name of a subscription that is taken")
UNFIT_SUBSCRIPTION = Code("E0962", "subscription that can not be made")
NO_SECRET = Code("E0963", "secret that can not be used")
UNKNOWN_DELIVERY = Code("E0964", "delivery that is not there")
UNFIT_SUBSCRIBER = Code("E0965", "subscriber that can not be used")
UNTRUSTED = Code("E0966", "webhook that can not be trusted")
