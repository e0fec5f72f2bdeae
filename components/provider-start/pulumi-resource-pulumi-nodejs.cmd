@node --min-semi-space-size=16 "%~dp0..\dist\provider-start.js" %*
