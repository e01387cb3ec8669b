typedef int wf_picture_room;  // until the room has its first source file
