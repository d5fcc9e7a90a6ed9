-- Notes which key encrypted the words in a script's arguments, in the same step that stores them.

local function note_words_key(id)
  redis.call('SADD', WORDS_MASTERS, id)
end
