@echo off
rem Runs a command of Kindred from its source tree; builds first what is missing or out of date.
rem   KINDRED_JAVA_OPTS  more options for Java, such as -Xmx4g
rem   JAVA_HOME          the JDK to use, 17 or later
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "ROOT=%ROOT:~0,-1%"

set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
set "VERSION="
for /f "tokens=3" %%v in ('cmd /c ""%JAVA%" -XshowSettings:properties -version 2>&1" ^| findstr /c:"java.specification.version ="') do set "VERSION=%%v"
if not defined VERSION (
  echo kindred: no Java found at '%JAVA%': install JDK 17 or later, or set JAVA_HOME 1>&2
  exit /b 1
)
if %VERSION% LSS 17 (
  echo kindred: '%JAVA%' is Java %VERSION%: JDK 17 or later is needed; set JAVA_HOME 1>&2
  exit /b 1
)

rem A leaf's class path file is written after its classes and those of all that it uses.
set "ARGS=%ROOT%\target\java.args"
powershell -NoProfile -Command "$r = $env:ROOT; foreach ($leaf in 'examples', 'benchmarks') { $p = Get-Item \"$r\$leaf\target\classpath.txt\" -ErrorAction SilentlyContinue; if (!$p -or !(Select-String -Quiet -SimpleMatch \"$r\core\" $p)) { exit 1 }; if (Get-ChildItem \"$r\pom.xml\", \"$r\*\pom.xml\", \"$r\*\src\main\" -Recurse | Where-Object LastWriteTime -gt $p.LastWriteTime) { exit 1 } }"
if errorlevel 1 (
  where mvn >nul 2>nul || (
    echo kindred: Maven is needed to build Kindred and 'mvn' is not on the PATH: install Maven 3.8 or later 1>&2
    exit /b 1
  )
  echo kindred: building without tests; the first time, Maven downloads what is needed 1>&2
  pushd "%ROOT%"
  call mvn -q -B process-classes -DskipTests -Denforcer.skip -Dspotless.skip 1>&2
  if errorlevel 1 (
    popd
    echo kindred: the build failed; 'mvn process-classes' in %ROOT% shows more 1>&2
    exit /b 1
  )
  popd
)

rem The class path is longer than a command line may be: Java reads it from a file.
powershell -NoProfile -Command "$r = $env:ROOT; $cp = ('examples', 'benchmarks' | ForEach-Object { \"$r\$_\target\classes\"; (Get-Content \"$r\$_\target\classpath.txt\") }) -join ';'; New-Item -Force -ItemType Directory \"$r\target\" | Out-Null; Set-Content -Encoding Default \"$r\target\java.args\" ('-cp \"' + $cp.Replace('\', '\\') + '\"')"
if errorlevel 1 exit /b 1
"%JAVA%" -Xmx2g -Xms32m -XX:+UseSerialGC -Dfile.encoding=UTF-8 -Djava.awt.headless=true -Dai.djl.offline=true -DOPT_OUT_TRACKING=true %KINDRED_JAVA_OPTS% "@%ARGS%" ai.kindred.cli.Kindred %*
exit /b %ERRORLEVEL%
