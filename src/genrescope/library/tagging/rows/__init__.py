"""From predictions to rows of a plan: `options` is what is asked, `song_rows` what comes of it."""
