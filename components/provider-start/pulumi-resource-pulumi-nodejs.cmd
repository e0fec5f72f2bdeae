@node "%~dp0..\dist\provider-start.js" %*
