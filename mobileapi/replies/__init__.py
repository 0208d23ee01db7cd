"""Quick replies: texts clerks send again and again, each tied to the paragraph of the guide it rests on."""
