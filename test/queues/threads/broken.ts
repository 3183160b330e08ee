/** A thread that cannot start. */
throw new SyntaxError('told to break at its start');
