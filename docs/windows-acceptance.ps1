<#
.SYNOPSIS
    Tries on a real Windows with a real Outlook what oxtail's own tests try under Wine.

.DESCRIPTION
    Run it on a test PC, as the user who owns the mail profile, without elevation, and send
    the folder back that it names at the end. Look through it before: profile names, account
    names and paths are in there, passwords are not.

    Without -Repair nothing is changed: it reads, and writes its own folder. With -Repair the
    service of ONE profile is deleted and made anew, Outlook is closed and started, and all
    is taken back again. Use a profile that can be lost. Each of these steps asks first.

.PARAMETER Oxtail
    Path of oxtail.exe. oxtail-mapi32.exe and oxtail-mapi64.exe belong beside it.

.PARAMETER Evidence
    Folder with a log or cache of the account, for the plan; the cache folder by default.

.PARAMETER Repair
    Name of the test profile whose OXtender service may be deleted and made anew.

.PARAMETER Mode
    How it is made anew: assisted (the provider's dialog asks) or copy.

.PARAMETER Search
    Also stop and start Windows Search. Needs an elevated prompt.

.EXAMPLE
    powershell -ExecutionPolicy Bypass -File windows-acceptance.ps1 -Oxtail C:\Tools\oxtail.exe
.EXAMPLE
    powershell -ExecutionPolicy Bypass -File windows-acceptance.ps1 -Oxtail C:\Tools\oxtail.exe -Repair "Test profile"
#>
param(
    [Parameter(Mandatory = $true)][string]$Oxtail,
    [string]$Evidence = (Join-Path $env:LOCALAPPDATA 'OXSTORE2'),
    [string]$Repair = '',
    [ValidateSet('assisted', 'copy')][string]$Mode = 'assisted',
    [switch]$Search
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$out = Join-Path ([Environment]::GetFolderPath('Desktop')) ('oxtail-acceptance-' + (Get-Date -Format 'yyyyMMdd-HHmmss'))
[void](New-Item -ItemType Directory $out)
$summary = Join-Path $out 'summary.txt'
$number = 0

# Say writes a line of the summary. LOOK is for what a person has to judge.
function Say([string]$result, [string]$what) {
    $line = '{0,-5} {1}' -f $result, $what
    Write-Host $line
    Add-Content -Path $summary -Value $line -Encoding UTF8
}

# Run starts a program and keeps what it says in a file of its own. It returns the exit code.
function Run([string]$name, [string]$program, [string[]]$arguments) {
    $script:number++
    $file = Join-Path $out ('{0:d2}-{1}.txt' -f $script:number, $name)
    Set-Content -Path $file -Value ('> ' + $program + ' ' + ($arguments -join ' ')) -Encoding UTF8
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue' # what a program writes on stderr is no error of this script
    & $program @arguments 2>&1 | ForEach-Object { "$_" } | Add-Content -Path $file -Encoding UTF8
    $code = $LASTEXITCODE
    $ErrorActionPreference = $before
    Add-Content -Path $file -Value ('> exit code {0} after {1:n1} s' -f $code, $clock.Elapsed.TotalSeconds) -Encoding UTF8
    return $code
}

# Expect runs oxtail and judges its exit code.
function Expect([string]$id, [string]$what, [int[]]$codes, [string[]]$arguments) {
    $code = Run $id $Oxtail $arguments
    if ($codes -contains $code) { Say 'PASS' "$id $what (exit code $code)" } else { Say 'FAIL' "$id $what (exit code $code)" }
    return $code
}

# Ask is the question before each step that changes something.
function Ask([string]$what) {
    return (Read-Host "$what Type yes to go on") -eq 'yes'
}

# The profiles keys of all Outlooks, as oxtail reads them.
$roots = @('Software\Microsoft\Office\16.0\Outlook', 'Software\Microsoft\Office\15.0\Outlook',
    'Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles')

# Export saves the profiles keys by reg.exe, for comparison.
function Export([string]$name) {
    $files = @()
    foreach ($root in $roots) {
        if (-not (Test-Path "HKCU:\$root")) { continue }
        $file = Join-Path $out ("$name-" + ($root -replace '[\\ ]', '_') + '.reg')
        & reg.exe export "HKCU\$root" $file /y | Out-Null
        $files += $file
    }
    return $files
}

# ---- the computer ----

$system = @()
$system += 'script 1'
$system += 'time ' + (Get-Date -Format o)
$windows = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$system += 'Windows ' + $windows.ProductName + ' build ' + $windows.CurrentBuildNumber + ', ' + $env:PROCESSOR_ARCHITECTURE
$system += 'language ' + (Get-Culture).Name + ', ANSI code page ' + (Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').ACP
$elevated = ([Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
$system += "elevated $elevated"
foreach ($key in @('HKLM:\SOFTWARE\Microsoft\Office\ClickToRun\Configuration')) {
    if (Test-Path $key) {
        $c = Get-ItemProperty $key
        foreach ($n in 'Platform', 'VersionToReport', 'ProductReleaseIds', 'InstallationPath') {
            if ($c.PSObject.Properties[$n]) { $system += "Click-to-Run $n " + $c.$n }
        }
    }
}
foreach ($view in 'SOFTWARE', 'SOFTWARE\WOW6432Node') {
    foreach ($v in '14.0', '15.0', '16.0') {
        $key = "HKLM:\$view\Microsoft\Office\$v\Outlook"
        if (Test-Path $key) {
            $o = Get-ItemProperty $key
            if ($o.PSObject.Properties['Bitness']) { $system += "$key Bitness " + $o.Bitness }
        }
    }
    $mail = "HKLM:\$view\Clients\Mail"
    if (Test-Path $mail) { $system += "$mail " + (Get-Item $mail).GetValue('') }
}
Set-Content -Path (Join-Path $out 'computer.txt') -Value $system -Encoding UTF8
$system | ForEach-Object { Write-Host $_ }
if ($elevated -and -not $Search) { Say 'LOOK' 'this prompt is elevated; the owner of a profile works without' }

# ---- R: reading only ----

foreach ($helper in 'oxtail-mapi32.exe', 'oxtail-mapi64.exe') {
    if (Test-Path (Join-Path (Split-Path -Parent $Oxtail) $helper)) { Say 'PASS' "R0 $helper is there" } else { Say 'LOOK' "R0 no $helper beside oxtail" }
}
[void](Expect 'R1-version' 'oxtail starts' @(0) @('version'))
$code = Expect 'R1-profiles' 'profiles of the live registry' @(0, 1, 3) @('profiles', '--format', 'json')
Say 'LOOK' 'R1 compare R1-profiles with Control Panel, Mail: same profiles, services, default?'
[void](Expect 'R1-caches' 'cache files in the known places' @(0, 1, 3) @('caches', '--format', 'json'))
[void](Expect 'R2-doctor' 'the checks of the computer' @(0, 1, 3) @('doctor', '--all', '--format', 'json'))

# Listing services needs MAPI of Outlook's width, and changes nothing. The helper is asked
# as oxtail asks it.
foreach ($bits in '32', '64') {
    $helper = Join-Path (Split-Path -Parent $Oxtail) "oxtail-mapi$bits.exe"
    if (-not (Test-Path $helper)) { continue }
    $file = Join-Path $out "R1-mapi$bits.txt"
    '{"protocol":1,"op":"profiles"}' | & $helper mapi-helper 2>&1 | ForEach-Object { "$_" } | Set-Content -Path $file -Encoding UTF8
    $said = Get-Content $file -Raw
    if ($said -match '"answer"') { Say 'PASS' "R1 MAPI of $bits bits lists the profiles" } else { Say 'LOOK' "R1 MAPI of $bits bits does not answer; right for one of the two widths: $said" }
}

# Access lists before and after MAPI was used: Outlook's MAPI rewrites them.
foreach ($root in $roots) {
    if (Test-Path "HKCU:\$root") {
        Add-Content -Path (Join-Path $out 'R3-access.txt') -Value ("$root " + (Get-Acl "HKCU:\$root").Sddl) -Encoding UTF8
    }
}
Say 'LOOK' 'R3 the owner in R3-access.txt is this user, Administrators or SYSTEM'

# Drives, as Windows tells their kind.
Get-CimInstance Win32_LogicalDisk | Select-Object DeviceID, DriveType, FileSystem, FreeSpace |
    Format-Table -AutoSize | Out-String | Set-Content -Path (Join-Path $out 'R4-drives.txt') -Encoding UTF8

if ($Repair -eq '') {
    Say 'LOOK' 'the steps that change something were left out: give -Repair PROFILE on a test PC'
}

# ---- W: changes, each confirmed ----

if ($Repair -ne '' -and (Ask "The service of profile '$Repair' will be deleted and made anew. Its local data is lost.")) {
    $before = @(Export 'before')
    $plan = Join-Path $out 'plan.json'
    $reg = Join-Path $out 'evidence'
    [void](New-Item -ItemType Directory $reg)
    $before | ForEach-Object { Copy-Item $_ $reg }
    $paths = @($reg)
    if (Test-Path $Evidence) { $paths += $Evidence }
    [void](Expect 'W1-plan' 'a plan for the profile' @(0, 1, 3) (@('plan', '--recreate', $Repair, '-o', $plan) + $paths))
    [void](Expect 'W1-dry-run' 'a dry run of the plan' @(0, 1) @('apply', $plan, '--dry-run', '--mode', $Mode, '--all'))
    $dry = @(Export 'dry')
    for ($i = 0; $i -lt $before.Count; $i++) {
        if ((Get-FileHash $before[$i]).Hash -eq (Get-FileHash $dry[$i]).Hash) { Say 'PASS' 'W1 the dry run changed nothing in the registry' } else { Say 'FAIL' ('W1 the dry run changed ' + $before[$i]) }
    }
    if (Ask 'Start Outlook with this profile now, and leave it open: oxtail shall find and close it. Ready?') {
        $code = Expect 'W1-apply' 'the plan is carried out' @(0, 1) @('apply', $plan, '--mode', $Mode, '--yes', '--accept-loss', 'acceptance test', '--start-outlook', '--send-receive', '--all')
        Say 'LOOK' 'W1 was Outlook found and closed? did a dialog appear, and which? are new cache files there?'
        [void](Export 'after')
        [void](Expect 'W1-journal' 'the journal is whole' @(0) @('journal', 'verify'))
        if (Ask 'Take everything back now? Close Outlook first, or let oxtail do it.') {
            [void](Expect 'W2-list' 'the backups' @(0) @('backup', 'list'))
            $id = Read-Host 'The ID of the newest backup'
            [void](Expect 'W2-undo' 'everything is taken back' @(0) @('apply', '--undo', $id, '--yes'))
            $undone = @(Export 'undone')
            for ($i = 0; $i -lt $before.Count; $i++) {
                if ((Get-FileHash $before[$i]).Hash -eq (Get-FileHash $undone[$i]).Hash) { Say 'PASS' 'W2 the registry is as before' } else { Say 'LOOK' ('W2 compare ' + $before[$i] + ' with ' + $undone[$i]) }
            }
        }
    }
}
if ($Search) {
    if (-not $elevated) {
        Say 'FAIL' 'W3 Windows Search needs an elevated prompt'
    } elseif (Ask 'Windows Search will be stopped and started.') {
        Stop-Service WSearch
        Say 'PASS' 'W3 Windows Search stops'
        Start-Service WSearch
        Say 'PASS' ('W3 Windows Search is ' + (Get-Service WSearch).Status)
    }
}

Write-Host ''
Write-Host "Look through $out and send it back."
