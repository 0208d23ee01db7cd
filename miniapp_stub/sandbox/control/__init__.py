"""The control surface `/_sandbox/*`: what people, time, faults and accountants do, on request."""
